import { dirname } from 'node:path';
import { checkConfig, loadConfig, type Mistake } from '../../exchange/channels/index.ts';
import { toIsthmusError } from '../../foundation/errors/index.ts';
import { productKinds } from '../engine/kinds.ts';
import type { ConfigOptions } from './command-options.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';
import { currentSettings } from './settings.ts';

export async function runCheck({ config, json }: ConfigOptions): Promise<void> {
  const { home } = currentSettings();
  const mistakes = await mistakesOf(config, home);
  if (json) printJson({ config, mistakes });
  else if (mistakes.length === 0) printLine(`${config}: no mistakes`);
  else for (const { place, rule } of mistakes) process.stderr.write(`${place}: ${rule}\n`);
  if (mistakes.length === 0) return;
  if (!json)
    process.stderr.write(`${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'} in ${config}\n`);
  throw new Exit(exitCodes.failed);
}

/** A module that does not compile, or throws, is a mistake like another. */
async function mistakesOf(path: string, home: string): Promise<readonly Mistake[]> {
  try {
    const loaded = await loadConfig(path, { home });
    return checkConfig(loaded.config, {
      kinds: productKinds(),
      environment: process.env,
      folder: dirname(loaded.path),
    });
  } catch (thrown) {
    const error = toIsthmusError(thrown);
    if (error.code !== 'CONFIG_INVALID') throw error;
    return [{ place: error.place ?? path, rule: error.rule ?? error.message }];
  }
}
