import { isMapped, mapMessage } from '../../../../src/clinical/mapping/index.ts';
import { previewWrites } from '../../../../src/clinical/record/index.ts';
import { editMessage, type Hl7Message, parseMessage } from '../../../../src/standards/hl7v2/index.ts';
import { corpusFiles } from '../../corpora.ts';
import { messagesIn } from '../../hl7v2-messages.ts';
import { samples } from './samples.ts';

/**
 * What a field does, found by taking it out of real messages and looking at what changes: for everything that no single line of a table does.
 * Elements as `Encounter.status`, `Encounter.hospitalization.admitSource`, `Patient.extension(url)`.
 */
export interface Evidence {
  /** Field 0 is the segment as a whole. `undefined` when no message has it. */
  of(segment: string, field: number): ReadonlySet<string> | undefined;
  /** With how many messages fields can be tried. */
  readonly messages: string;
}

/** Messages a field is tried with: in all, and of one type. */
const MAX_TRIES = 8;
const MAX_OF_TYPE = 2;
const MAX_BYTES = 100_000;

export function gatherEvidence(): Evidence {
  const examples = new Map<string, Hl7Message[]>();
  let messages = 0;
  for (const message of corpusMessages()) {
    messages++;
    for (const name of placesOf(message)) {
      const known = examples.get(name) ?? [];
      const ofType = known.filter(({ type }) => type === message.type).length;
      if (known.length < MAX_TRIES && ofType < MAX_OF_TYPE) examples.set(name, [...known, message]);
    }
  }
  for (const message of samples)
    for (const name of placesOf(message)) examples.set(name, [...(examples.get(name) ?? []), message]);
  const found = new Map<string, ReadonlySet<string>>();
  return {
    messages: `${messages} messages of the collections and ${samples.length} of ours`,
    of(segment, field) {
      const name = `${segment}-${field}`;
      const messages = examples.get(name);
      if (!messages) return undefined;
      const known = found.get(name) ?? new Set(messages.flatMap((one) => changesOf(one, segment, field)));
      found.set(name, known);
      return known;
    },
  };
}

function* corpusMessages(): Generator<Hl7Message> {
  for (const file of corpusFiles('hl7v2-')) {
    for (const bytes of messagesIn(file)?.messages ?? []) {
      if (bytes.length > MAX_BYTES) continue;
      try {
        const message = parseMessage(bytes, { defaultCharset: 'UNICODE UTF-8' });
        if (isMapped(message.type)) yield message;
      } catch {
        // Other tests are about messages that can't be read.
      }
    }
  }
}

function placesOf(message: Hl7Message): Set<string> {
  const places = new Set<string>();
  for (const segment of message.segments()) {
    places.add(`${segment.name}-0`);
    for (let field = 1; field <= segment.fieldCount; field++)
      if (segment.field(field).state === 'valued') places.add(`${segment.name}-${field}`);
  }
  return places;
}

/** Elements that are there with the field and not without it, or the other way round. */
function changesOf(message: Hl7Message, segment: string, field: number): string[] {
  try {
    const editor = editMessage(message);
    const occurrences = message.segments(segment).length;
    for (let occurrence = occurrences; occurrence > 0; occurrence--) {
      if (field === 0) editor.removeSegment(segment, occurrence);
      else editor.remove(`${segment}[${occurrence}]-${field}`);
    }
    const without = parseMessage(editor.toBytes(), { defaultCharset: 'UNICODE UTF-8' });
    const [before, after] = [factsOf(message), factsOf(without)];
    return [...before, ...after].filter((fact) => before.has(fact) !== after.has(fact)).map(elementOf);
  } catch (error) {
    // MSH-1, MSH-2 and MSH-18 are what the message is read with.
    if (error instanceof TypeError) return [];
    throw error;
  }
}

const elementOf = (fact: string): string => fact.slice(0, fact.indexOf('='));

function factsOf(message: Hl7Message): Set<string> {
  const { writes } = mapMessage(message, {
    system: 'conformance',
    zone: 'UTC',
    receivedAt: new Date('2026-11-20T00:00:00Z'),
    unidentified: 'message',
  });
  const facts = new Set<string>();
  for (const { resourceType, ...elements } of previewWrites(writes)) {
    for (const [name, value] of Object.entries(elements)) {
      for (const item of Array.isArray(value) ? value : [value])
        addFacts(`${resourceType}.${name}`, item, facts);
    }
  }
  return facts;
}

function addFacts(place: string, item: unknown, facts: Set<string>): void {
  facts.add(`${place}=${JSON.stringify(item)}`);
  if (typeof item !== 'object' || item === null) return;
  const { url } = item as { url?: unknown };
  if (typeof url === 'string') facts.add(`${place}(${url})=${JSON.stringify(item)}`);
  for (const [name, value] of Object.entries(item)) facts.add(`${place}.${name}=${JSON.stringify(value)}`);
}
