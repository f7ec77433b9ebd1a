import { IsthmusError } from '../../../foundation/errors/index.ts';
import { Hl7Error, peekHeader, splitBatch } from '../../../standards/hl7v2/index.ts';
import { fromHl7, inspect } from '../hl7/inspect.ts';
import type { FileSourceOptions } from './options.ts';

const hl7 = 'application/hl7-v2';

/**
 * The messages of a file in their order. An HL7 v2 file may be one message, several, or a batch whose counts are reconciled before anything
 * is taken; any other file is one message. Throws IsthmusError: HL7_*, or INVALID_REQUEST for an empty file.
 */
export function messagesOf(bytes: Uint8Array, options: FileSourceOptions): readonly Uint8Array[] {
  if (bytes.length === 0) throw new IsthmusError('INVALID_REQUEST', { place: 'file', rule: 'not empty' });
  if (options.contentType !== hl7) return [bytes];
  try {
    return splitBatch(bytes, { allowMissingTrailers: options.allowMissingTrailers }).messages;
  } catch (error) {
    throw fromHl7(error);
  }
}

/** What makes a message unacceptable whoever takes it; undefined when nothing does. */
export function flawOf(body: Uint8Array, options: FileSourceOptions): IsthmusError | undefined {
  if (options.contentType !== hl7) return undefined;
  try {
    inspect(body, peekHeader(body), options);
    return undefined;
  } catch (error) {
    if (error instanceof IsthmusError || error instanceof Hl7Error) return fromHl7(error);
    throw error;
  }
}
