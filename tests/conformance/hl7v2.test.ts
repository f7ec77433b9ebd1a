import { beforeAll, describe, expect, test } from 'vitest';
import {
  acknowledge,
  editMessage,
  Hl7Error,
  type Hl7Message,
  parseAcknowledgment,
  parseMessage,
  peekHeader,
} from '../../src/standards/hl7v2/index.ts';
import { type CorpusFile, corpusFiles } from './corpora.ts';
import { messagesIn } from './hl7v2-messages.ts';

/**
 * Every HL7 v2 message of the collections is parsed, every value read, and rebuilt from its parts byte for byte. Collections
 * hold messages that are wrong on purpose, so what is refused is counted by reason and bounded, not forbidden; what may
 * never happen is another exception than Hl7Error, other bytes, or a wait.
 */

interface Outcome {
  readonly collection: string;
  readonly path: string;
  /** It is not taken at all. */
  readonly refused: Hl7Error | undefined;
  /** It is taken and rebuilt, but has a value that its character set does not have (MSH-18 absent means ASCII). */
  readonly unreadable: Hl7Error | undefined;
  /** The same with UTF-8 declared as the default set of the source. */
  readonly unreadableAsUtf8: Hl7Error | undefined;
  readonly milliseconds: number;
}

interface Run {
  readonly files: number;
  readonly outcomes: readonly Outcome[];
  readonly envelopes: readonly { readonly path: string; readonly error: Hl7Error }[];
}

const malformedOnPurpose = (path: string) =>
  /BadInputs\/|malformed|[Ii]nvalid|BadDelimiters|missing/.test(path);

function readAll(message: Hl7Message): void {
  for (const segment of message.segments()) {
    for (let number = 1; number <= segment.fieldCount; number++) {
      for (const repetition of segment.field(number).repetitions) {
        for (let component = 1; component <= repetition.componentCount; component++) {
          const count = repetition.subcomponentCount(component);
          for (let subcomponent = 1; subcomponent <= count; subcomponent++)
            repetition.component(component, subcomponent);
        }
        expect(repetition.wholeText).not.toContain('\ufffd');
      }
    }
  }
}

/** Puts every segment together again from its fields; they must be the bytes that came. */
function rebuild(message: Hl7Message): void {
  const all = Buffer.from(message.toBytes());
  for (const segment of message.segments()) {
    const isHeader = segment.name === 'MSH';
    const first = isHeader ? 2 : 1;
    const count = Math.max(0, segment.fieldCount - first + 1);
    const fields = Array.from({ length: count }, (_, index) =>
      Buffer.from(segment.field(index + first).bytes).toString('latin1'),
    );
    const name = all.toString('latin1', segment.start, segment.start + 3);
    expect([name, ...fields].join(message.header.fieldSeparator)).toBe(
      all.toString('latin1', segment.start, segment.end),
    );
  }
  expect(Buffer.compare(Buffer.from(editMessage(message).toBytes()), all)).toBe(0);
}

function refusal(run: () => void): Hl7Error | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof Hl7Error) return error;
    throw error;
  }
}

function examine(file: CorpusFile, bytes: Uint8Array): Outcome {
  const started = performance.now();
  const original = Buffer.from(bytes);
  const refused = refusal(() => rebuild(parseMessage(bytes)));
  const unreadable = refused ? undefined : refusal(() => readAll(parseMessage(bytes)));
  const asUtf8 = { defaultCharset: 'UNICODE UTF-8' };
  const unreadableAsUtf8 = unreadable && refusal(() => readAll(parseMessage(bytes, asUtf8)));
  expect(Buffer.compare(Buffer.from(bytes), original)).toBe(0);
  return {
    collection: file.collection,
    path: `${file.collection}/${file.path}`,
    refused,
    unreadable,
    unreadableAsUtf8,
    milliseconds: performance.now() - started,
  };
}

function runAll(files: readonly CorpusFile[]): Run {
  const outcomes: Outcome[] = [];
  const envelopes: { path: string; error: Hl7Error }[] = [];
  let count = 0;
  for (const file of files) {
    const extracted = messagesIn(file);
    if (!extracted) continue;
    count++;
    if (extracted.envelopeError)
      envelopes.push({ path: `${file.collection}/${file.path}`, error: extracted.envelopeError });
    for (const bytes of extracted.messages) outcomes.push(examine(file, bytes));
  }
  return { files: count, outcomes, envelopes };
}

function report({ files, outcomes, envelopes }: Run): string {
  const count = (of: readonly Outcome[], is: (one: Outcome) => unknown) =>
    String(of.filter(is).length).padStart(4);
  const collections = [...new Set(outcomes.map((one) => one.collection))];
  const lines = collections.map((collection) => {
    const own = outcomes.filter((one) => one.collection === collection);
    const numbers = `${count(own, () => true)} messages ${count(own, (one) => one.refused)} refused ${count(own, (one) => one.unreadable)} with unreadable values`;
    return `${collection.padEnd(34)} ${numbers}`;
  });
  const codes = [...new Set(outcomes.flatMap((one) => (one.refused ? [one.refused.code] : [])))];
  const reasons = codes.map(
    (code) => `${code} ${count(outcomes, (one) => one.refused?.code === code).trim()}`,
  );
  const details = outcomes.flatMap((one) => {
    if (one.refused) return [`  refused    ${one.path}: ${one.refused.message}`];
    const note = one.unreadableAsUtf8 ? 'not as UTF-8 either' : 'readable when the source declares UTF-8';
    return one.unreadable ? [`  unreadable ${one.path}: ${one.unreadable.message}; ${note}`] : [];
  });
  const taken = outcomes.filter((one) => !one.refused).length;
  return [
    `HL7 v2: ${files} files, ${outcomes.length} messages, ${taken} taken and rebuilt byte for byte, ${outcomes.length - taken} refused (${reasons.join(', ')})`,
    ...lines,
    ...details,
    ...envelopes.map((one) => `  envelope   ${one.path}: ${one.error.message}`),
  ].join('\n');
}

describe('real messages', () => {
  let run: Run;
  let files: CorpusFile[];
  const share = (count: number, of: readonly Outcome[]) => count / Math.max(1, of.length);
  beforeAll(() => {
    files = corpusFiles('hl7v2-');
    run = runAll(files);
    process.stdout.write(`${report(run)}\n`);
  });

  test('[H22] every message was taken byte for byte or refused with an Hl7Error, and there were messages', () => {
    expect(run.outcomes.length).toBeGreaterThan(100);
  });

  test('[H22] at most 2% are refused, but for those that are malformed on purpose', () => {
    const meant = run.outcomes.filter((one) => !malformedOnPurpose(one.path));
    expect(share(meant.filter((one) => one.refused).length, meant)).toBeLessThan(0.02);
  });

  test('[H5] at most 4% have bytes that their MSH-18 does not announce, and nearly all of those are UTF-8', () => {
    expect(share(run.outcomes.filter((one) => one.unreadable).length, run.outcomes)).toBeLessThan(0.04);
    expect(share(run.outcomes.filter((one) => one.unreadableAsUtf8).length, run.outcomes)).toBeLessThan(
      0.005,
    );
  });

  test('[H16] fuzzed input is refused or taken at once; most of what another parser must refuse we refuse, too', () => {
    const toRefuse = run.outcomes.filter((one) =>
      /BadInputs\/.*\/(HL7|EncodingNotSupported)Exception\//.test(one.path),
    );
    expect(toRefuse.length).toBeGreaterThan(0);
    expect(share(toRefuse.filter((one) => one.refused).length, toRefuse)).toBeGreaterThan(0.5);
    expect(Math.max(...run.outcomes.map((one) => one.milliseconds))).toBeLessThan(2000);
  });

  test('[H14] every message whose MSH can be read can be acknowledged, and the answer belongs to it', () => {
    const now = new Date('2026-03-14T14:30:00Z');
    let acknowledged = 0;
    for (const file of files) {
      for (const bytes of messagesIn(file)?.messages ?? []) {
        if (refusal(() => peekHeader(bytes))) continue;
        const spec = { code: 'AE', controlId: 'A1', now, text: 'no', errors: [{ code: '207' }] } as const;
        const answer = parseAcknowledgment(acknowledge(bytes, spec));
        expect(answer.code).toBe('AE');
        expect(answer.messageControlId).toBe(peekHeader(bytes).controlId);
        expect(answer.errors.length).toBe(1);
        acknowledged++;
      }
    }
    expect(acknowledged).toBeGreaterThan(100);
  });
});
