/**
 * Errors with stable codes (docs/reference/errors.md). What it promises: a code never changes its meaning, and neither the
 * public text nor `place` carries patient data. What it never does: decide a retry from a text. Private detail belongs in `cause`.
 */
import { type ErrorCode, errorRegistry } from './registry.ts';

export { type ErrorCode, errorRegistry } from './registry.ts';

export interface ErrorOptions {
  /** Where: a path, a field as `PID-3.4`, a line of the configuration. Never a patient's value. */
  readonly place?: string;
  /** Which rule, or what was expected instead. Never a patient's value. */
  readonly rule?: string;
  /** Private: for the log of the developer, never shown. */
  readonly cause?: unknown;
}

export class IsthmusError extends Error {
  override readonly name = 'IsthmusError';
  readonly code: ErrorCode;
  readonly place: string | undefined;
  readonly rule: string | undefined;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    const parts = [
      errorRegistry[code].text,
      options.place && `at ${options.place}`,
      options.rule && `(${options.rule})`,
    ];
    super(
      parts.filter(Boolean).join(' '),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.place = options.place;
    this.rule = options.rule;
  }

  /** What a person outside may see. */
  toPublic(): PublicError {
    return {
      code: this.code,
      text: this.message,
      advice: errorRegistry[this.code].advice,
      ...(this.place === undefined ? {} : { place: this.place }),
    };
  }
}

export interface PublicError {
  readonly code: ErrorCode;
  readonly text: string;
  readonly advice: string;
  readonly place?: string;
}

/** Anything thrown becomes an IsthmusError; what was unknown becomes INTERNAL with the original as cause. */
export function toIsthmusError(thrown: unknown, otherwise: ErrorCode = 'INTERNAL'): IsthmusError {
  return thrown instanceof IsthmusError ? thrown : new IsthmusError(otherwise, { cause: thrown });
}
