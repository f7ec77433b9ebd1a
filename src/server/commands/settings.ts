import { resolve } from 'node:path';
import { readSettings, type Settings } from '../../foundation/config/index.ts';
import { createLogger, type Logger } from '../../foundation/logging/index.ts';

/** The settings of the environment, with paths made absolute. Throws CONFIG_INVALID with every mistake. */
export function currentSettings(): Settings {
  const settings = readSettings(process.env);
  return { ...settings, home: resolve(settings.home) };
}

/** `quiet`: for commands whose output is the answer; only what is wrong is logged. */
export function loggerOf({ log, logFormat, given }: Settings, options: { quiet?: boolean } = {}): Logger {
  return createLogger({
    level: options.quiet && !given.has('log') ? 'warn' : log,
    ...(logFormat === undefined ? {} : { format: logFormat }),
  });
}
