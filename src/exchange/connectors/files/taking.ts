import { createHash } from 'node:crypto';
import { IsthmusError, toIsthmusError } from '../../../foundation/errors/index.ts';
import type { Accept } from '../types.ts';
import { flawOf, messagesOf } from './messages.ts';
import { keptName, messageKey } from './name.ts';
import type { FileSourceOptions } from './options.ts';
import type { FileInfo, FileStore, FileTarget } from './store.ts';

interface Refusal {
  /** 1-based place of the message in the file. */
  readonly message: number;
  readonly code: string;
  readonly place?: string;
  readonly rule?: string;
}

/** What became of a file whose messages have all been answered. */
export interface Settlement {
  readonly size: number;
  readonly modifiedMs: number;
  /** Undefined: it is deleted. */
  readonly target: FileTarget | undefined;
  readonly report: Uint8Array | undefined;
}

export type Taken =
  | { readonly outcome: 'settled'; readonly settlement: Settlement }
  | { readonly outcome: 'later' };

export interface TakeDeps {
  readonly store: FileStore;
  readonly options: FileSourceOptions;
  readonly accept: Accept;
  readonly peer: string;
  readonly isStopping: () => boolean;
  readonly now: () => Date;
}

const maxListed = 100;

/**
 * Hands over the messages of one file, one after the other, so that a refusal never lets a later message overtake. `later` leaves the file
 * where it is: what was committed is recognised by its key when the file comes again.
 */
export async function takeFile(file: FileInfo, deps: TakeDeps): Promise<Taken> {
  if (file.size > deps.options.maxFileBytes) {
    const error = new IsthmusError('TOO_LARGE', {
      place: 'file',
      rule: `at most ${deps.options.maxFileBytes} bytes`,
    });
    return failed(file, deps, { error, bytes: undefined });
  }
  const bytes = await deps.store.read(file);
  let messages: readonly Uint8Array[];
  try {
    messages = messagesOf(bytes, deps.options);
  } catch (error) {
    return failed(file, deps, { error: toIsthmusError(error, 'INVALID_REQUEST'), bytes });
  }
  const refusals: Refusal[] = [];
  for (const [index, body] of messages.entries()) {
    if (deps.isStopping()) return { outcome: 'later' };
    const refused = await handOver(body, messageKey(file.name, index, body), deps);
    if (refused === 'later') return { outcome: 'later' };
    if (refused) refusals.push({ message: index + 1, ...describe(refused) });
  }
  if (refusals.length > 0) return withReport(file, deps, { bytes, messages: messages.length, refusals });
  const target =
    deps.options.after === 'delete'
      ? undefined
      : { folder: deps.options.doneFolder, name: keptName(file.name, bytes) };
  return settled(file, target, undefined);
}

/** Undefined when the message is committed. */
async function handOver(
  body: Uint8Array,
  controlId: string,
  deps: TakeDeps,
): Promise<IsthmusError | 'later' | undefined> {
  const flaw = flawOf(body, deps.options);
  if (flaw) return flaw;
  const acceptance = await deps.accept({
    body,
    contentType: deps.options.contentType,
    peer: deps.peer,
    controlId,
  });
  if (acceptance.outcome === 'committed') return undefined;
  return acceptance.retry ? 'later' : acceptance.error;
}

function describe(error: IsthmusError): Omit<Refusal, 'message'> {
  const { code, place, rule } = error;
  return { code, ...(place === undefined ? {} : { place }), ...(rule === undefined ? {} : { rule }) };
}

function settled(file: FileInfo, target: FileTarget | undefined, report: Uint8Array | undefined): Taken {
  return { outcome: 'settled', settlement: { size: file.size, modifiedMs: file.modifiedMs, target, report } };
}

/** The file as a whole is not understood: none of its messages was taken. */
function failed(
  file: FileInfo,
  deps: TakeDeps,
  what: { error: IsthmusError; bytes: Uint8Array | undefined },
): Taken {
  const bytes =
    what.bytes ?? createHash('sha256').update(`${file.name} ${file.size} ${file.modifiedMs}`).digest();
  return withReport(file, deps, { bytes, messages: 0, refusals: [{ message: 0, ...describe(what.error) }] });
}

interface Refused {
  readonly bytes: Uint8Array;
  readonly messages: number;
  readonly refusals: readonly Refusal[];
}

/** Beside the failed file lies what is wrong with it: codes, places and rules, no contents. */
function withReport(file: FileInfo, deps: TakeDeps, what: Refused): Taken {
  const name = keptName(file.name, what.bytes);
  const report = {
    file: name,
    at: deps.now().toISOString(),
    messages: what.messages,
    committed: what.messages === 0 ? 0 : what.messages - what.refusals.length,
    refused: what.refusals.length,
    refusals: what.refusals.slice(0, maxListed),
  };
  return settled(
    file,
    { folder: deps.options.failedFolder, name },
    Buffer.from(`${JSON.stringify(report, null, 2)}\n`),
  );
}
