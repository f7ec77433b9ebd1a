import type { Logger } from '../../foundation/logging/index.ts';

/** A stop that takes longer than this is not one any more. */
const stopLimitMs = 45_000;

/**
 * Waits for SIGINT or SIGTERM, then stops in order. A second signal ends the process at once, which loses nothing that was acknowledged:
 * the next start goes on where the tables say.
 */
export async function untilSignal(stop: () => Promise<void>, logger: Logger): Promise<void> {
  await new Promise<void>((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(1);
      asked = true;
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
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
}
