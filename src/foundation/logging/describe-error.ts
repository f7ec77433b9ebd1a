import { IsthmusError } from '../errors/index.ts';

/** What of an error may be written down. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  /** Where it was thrown: frames only, because the first line of a stack repeats the message. */
  readonly stack?: readonly string[];
  /** PostgreSQL names what was broken here; its message, detail and where quote values and are left out. */
  readonly database?: {
    readonly table?: string;
    readonly column?: string;
    readonly constraint?: string;
    readonly routine?: string;
  };
  readonly cause?: ErrorDescription;
}

const MAX_FRAMES = 8;
const MAX_CAUSES = 4;

/**
 * Reduces anything thrown to what is free of patient data. Our own messages are public by contract and Node's system errors name
 * calls and addresses only. The messages of other errors can quote what was parsed or stored, so only their name, code and frames stay.
 */
export function describeError(thrown: unknown, depth = 0): ErrorDescription {
  if (!(thrown instanceof Error)) return { name: thrown === null ? 'null' : typeof thrown };
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  const own = thrown instanceof IsthmusError;
  return {
    name: thrown.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(own || typeof syscall === 'string' ? { message: thrown.message } : {}),
    ...(own && thrown.cause !== undefined ? {} : frames(thrown)),
    ...databaseNames(thrown),
    ...(thrown.cause !== undefined && depth < MAX_CAUSES
      ? { cause: describeError(thrown.cause, depth + 1) }
      : {}),
  };
}

function frames(error: Error): Pick<ErrorDescription, 'stack'> {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return lines.length > 0 ? { stack: lines.slice(0, MAX_FRAMES).map((line) => line.trim()) } : {};
}

function databaseNames(error: Error): Pick<ErrorDescription, 'database'> {
  const named = error as {
    table?: unknown;
    column?: unknown;
    constraint?: unknown;
    routine?: unknown;
    severity?: unknown;
  };
  if (typeof named.severity !== 'string') return {};
  const names: Record<string, string> = {};
  for (const key of ['table', 'column', 'constraint', 'routine'] as const) {
    const value = named[key];
    if (typeof value === 'string') names[key] = value;
  }
  return { database: names };
}
