import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../../foundation/clock/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';

export interface ConfigWatch {
  /** Goes over to other files. */
  files(files: readonly string[]): void;
  stop(): void;
}

/** An editor writes a file in several steps; the reload waits until it is quiet for so long. */
const quietMs = 250;

/**
 * Calls `onChange` when a file of the configuration changed. Folders are watched, not files, because editors replace a file by renaming
 * another over it.
 */
export function watchConfig(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}): ConfigWatch {
  const { clock, logger, onChange } = options;
  let watchers: FSWatcher[] = [];
  let watched = new Set<string>();
  let timer: Timer | undefined;
  const noticed = (path: string) => {
    if (!watched.has(path)) return;
    timer?.cancel();
    timer = clock.after(quietMs, onChange);
  };
  const open = (folder: string): FSWatcher | undefined => {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) =>
        noticed(`${folder}/${name ?? ''}`),
      );
      return watcher.on('error', (error) => logger.warn({ error, folder }, notWatched));
    } catch (error) {
      logger.warn({ error, folder }, notWatched);
      return undefined;
    }
  };
  const close = () => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  return {
    files(files) {
      close();
      watched = new Set(files);
      watchers = [...new Set(files.map((file) => dirname(file)))].flatMap((folder) => open(folder) ?? []);
    },
    stop() {
      timer?.cancel();
      close();
    },
  };
}

const notWatched = 'a folder of the configuration is not watched; SIGHUP reloads it';
