import type { Logger } from '../../foundation/logging/index.ts';

/** A stop that takes longer than this is not one any more. */
const stopLimitMs = 45_000;

/**
 * Listens for SIGINT and SIGTERM from now on: to be called before anything is started, so that what is half started is stopped in order, too.
 * A second signal ends the process at once, which loses nothing that was acknowledged: the next start goes on where the tables say.
 */
export function listenForStop(): { untilStopped(stop: () => Promise<void>, logger: Logger): Promise<void> } {
  const asked = new Promise<void>((resolve) => {
    let once = false;
    const onSignal = () => {
      if (once) process.exit(1);
      once = true;
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
  return {
    async untilStopped(stop, logger) {
      await asked;
      logger.info({}, 'stopping; once more ends it at once');
      const limit = setTimeout(() => {
        logger.error(
          { stopLimitMs },
          'it did not stop in time and is ended; the next start goes on where it was',
        );
        process.exit(1);
      }, stopLimitMs);
      await stop();
      clearTimeout(limit);
      logger.info({}, 'stopped');
    },
  };
}

/** A defect of ours ends the process, with a line in the log that holds no patient data; whoever watches over it starts it again. */
export function endOnDefect(logger: Logger): void {
  const end = (error: unknown) => {
    logger.error({ error }, 'a defect ended the process; what was acknowledged is safe');
    process.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
