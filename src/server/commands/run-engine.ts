import { startIsthmus } from '../engine/index.ts';
import { currentSettings, loggerOf } from './settings.ts';
import { endOnDefect, listenForStop } from './until-signal.ts';

/** `isthmus start`: runs until it is told to stop. */
export async function runEngine(configPath: string): Promise<void> {
  const settings = currentSettings();
  const logger = loggerOf(settings);
  const signal = listenForStop();
  endOnDefect(logger);
  const running = await startIsthmus({ configPath, settings, logger });
  const sources = running.channels().flatMap(({ source }) => source?.address ?? []);
  logger.info(
    { state: running.state(), url: running.url, sources, startMs: Math.round(performance.now()) },
    `ready: ${running.url}`,
  );
  process.on('SIGHUP', () => void running.reload());
  await signal.untilStopped(() => running.stop(), logger);
  // Nothing may keep the process from ending: a library's handle that stays open is no reason to hang.
  process.exit(0);
}
