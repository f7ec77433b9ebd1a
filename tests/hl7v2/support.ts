import { expect } from 'vitest';
import {
  Hl7Error,
  type Hl7ErrorCode,
  type Hl7Message,
  type ParseOptions,
  parseMessage,
} from '../../src/standards/hl7v2/index.ts';

/** Segments joined with CR as bytes, one byte per character. */
export function bytesOf(...segments: string[]): Buffer {
  return Buffer.from(segments.map((segment) => `${segment}\r`).join(''), 'latin1');
}

export const msh = 'MSH|^~\\&|EPIC|GENERAL|TELEVISIT|CLOUD|20260314093000-0500||ADT^A08^ADT_A01|MSG1|P|2.5.1';

/** A message of the given segments behind a usual MSH, with MSH-18 when given. */
export function messageOf(segments: string[], options: ParseOptions & { charset?: string } = {}): Hl7Message {
  const { charset, ...parse } = options;
  return parseMessage(bytesOf(charset === undefined ? msh : `${msh}||||||${charset}`, ...segments), parse);
}

/** Runs and returns the Hl7Error, which must have this code. */
export function failure(run: () => unknown, code: Hl7ErrorCode): Hl7Error {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Hl7Error);
    expect((error as Hl7Error).code).toBe(code);
    return error as Hl7Error;
  }
  throw new Error(`expected ${code}, but nothing failed`);
}

/** Reads everything there is in a message. */
export function readEverything(message: Hl7Message): string[] {
  const texts: string[] = [message.type, message.structure];
  for (const segment of message.segments()) {
    for (let number = 1; number <= segment.fieldCount; number++) {
      const field = segment.field(number);
      texts.push(field.state);
      for (const repetition of field.repetitions) {
        texts.push(repetition.wholeText);
        for (let component = 1; component <= repetition.componentCount; component++) {
          const count = repetition.subcomponentCount(component);
          for (let sub = 1; sub <= count; sub++) texts.push(repetition.component(component, sub));
        }
      }
    }
  }
  return texts;
}
