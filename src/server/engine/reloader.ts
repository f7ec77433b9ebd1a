import type { Channels } from '../../exchange/channels/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import { ConfigError } from '../../foundation/config/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { Timeline } from '../../operations/timeline/index.ts';
import type { LoadedAndChecked } from './loaded.ts';
import { type ConfigWatch, watchConfig } from './watch-config.ts';

export interface ReloaderOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timeline: Timeline;
  /** The configuration the node starts with. */
  readonly loaded: LoadedAndChecked;
  readonly load: () => Promise<LoadedAndChecked>;
  readonly channels: () => Channels | undefined;
  readonly onChanged: (loaded: LoadedAndChecked) => void;
}

/** Holds the configuration in force, and goes over to the next one when its files change and it has no mistake. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #current: LoadedAndChecked;
  #watch: ConfigWatch | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#current = options.loaded;
  }

  get current(): LoadedAndChecked {
    return this.#current;
  }

  watch(): void {
    const { clock, logger } = this.#options;
    this.#watch = watchConfig({ clock, logger, onChange: () => void this.reload() });
    this.#watch.files(this.#current.files);
  }

  stop(): void {
    this.#watch?.stop();
  }

  /** Never throws: mistakes are listed in the log, one a line, and the configuration in force stays. */
  reload(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#reload());
    return this.#turn;
  }

  async #reload(): Promise<void> {
    const { logger, load, channels, onChanged } = this.#options;
    try {
      const loaded = await load();
      // A standby only remembers it: it starts with it when it takes over.
      const report = await channels()?.reload(loaded);
      this.#current = loaded;
      this.#watch?.files(loaded.files);
      onChanged(loaded);
      for (const { channel, error } of report?.failed ?? [])
        logger.error(
          { channel, error },
          'a part of the new configuration did not come up; it is tried again at the next reload',
        );
      const { added = [], removed = [], changed = [] } = report ?? {};
      logger.info({ added, removed, changed }, 'the configuration was loaded again');
      this.#tell(
        `configuration: ${added.length} added, ${changed.length} changed, ${removed.length} removed`,
        'plain',
      );
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    const { logger } = this.#options;
    const problems = error instanceof ConfigError ? error.problems : [];
    for (const { place, text } of problems) logger.error({ place }, `configuration: ${place}: ${text}`);
    if (problems.length === 0) logger.error({ error }, 'the configuration could not be loaded again');
    logger.error({ mistakes: problems.length }, 'the configuration in force stays');
    this.#tell('new configuration refused, the one in force stays', 'bad');
  }

  #tell(outcome: string, tone: 'plain' | 'bad'): void {
    this.#options.timeline.add({ what: 'configuration', from: '', to: '', outcome, tone });
  }
}
