import { dirname } from 'node:path';
import {
  type Config,
  checkConfig,
  type Kinds,
  type LoadedConfig,
  loadConfig,
} from '../../exchange/channels/index.ts';
import { ConfigError } from '../../foundation/config/index.ts';

export interface LoadedAndChecked extends LoadedConfig {
  readonly config: Config;
}

/** Loads a configuration and judges it as a whole. Throws CONFIG_INVALID with every mistake. */
export async function loadAndCheck(
  path: string,
  options: {
    readonly home: string;
    readonly kinds: Kinds;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): Promise<LoadedAndChecked> {
  const { home, kinds, environment } = options;
  const loaded = await loadConfig(path, { home });
  const mistakes = checkConfig(loaded.config, { kinds, environment, folder: dirname(loaded.path) });
  if (mistakes.length > 0) throw new ConfigError(mistakes.map(({ place, rule }) => ({ place, text: rule })));
  // Without a mistake it has the shape of one.
  return { ...loaded, config: loaded.config as Config };
}
