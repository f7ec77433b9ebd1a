/**
 * The log (docs/architecture.md, "What is written where"). It promises: a line is written before the call returns, so nothing
 * is lost at exit; fields that carry bodies, headers or secrets are redacted, and of an error only what is known to be free of
 * patient data is kept. It never does: hold patient data. The caller passes ids, codes, counts and places; never a value.
 */

export { describeError, type ErrorDescription } from './describe-error.ts';
export type { LogFields, Logger, LogLevel } from './logger.ts';
export { createLogger, type LoggerOptions, silentLogger } from './logger.ts';
