import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { describeError } from './describe-error.ts';
import { oneLine } from './one-line.ts';
import { redactFields } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
/** What a line says besides its message. `error` may hold anything thrown: it is reduced by `describeError`. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger whose lines all carry these fields too. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** `json` for machines, `line` for people; by default `line` on a terminal and `json` elsewhere. */
  readonly format?: 'json' | 'line';
  /** Where lines go, one call a line; by default stderr, synchronously, so that the last words of a process are not lost. */
  readonly write?: (line: string) => void;
}

/** A logger that redacts by default; see the head of this module for what may be passed. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const format = options.format ?? (process.stderr.isTTY ? 'line' : 'json');
  const write = options.write ?? writeStderr;
  const sink = { write: format === 'json' ? write : (line: string) => write(oneLine(line)) };
  const root = pino(
    {
      level: options.level ?? 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: safeFields },
    },
    sink,
  );
  return wrap(root);
}

/** Says nothing; for tests and for libraries used on their own. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

function wrap(logger: pino.Logger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(safeFields(fields))),
  };
}

function safeFields(fields: LogFields): Record<string, unknown> {
  return redactFields(fields, (error) => describeError(error));
}

/** A full pipe (EAGAIN) is retried at most this often, so that a reader of stderr who sleeps can't stop the engine. */
const MAX_FULL_PIPE_RETRIES = 50;

function writeStderr(line: string): void {
  let rest = Buffer.from(line);
  for (let retries = 0; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (error) {
      // A log that can't be written must not end the engine: EAGAIN is a full pipe, anything else a closed one.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++retries > MAX_FULL_PIPE_RETRIES) return;
    }
  }
}
