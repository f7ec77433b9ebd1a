import { editMessage, type Hl7Message, parseMessage } from '../../../../src/standards/hl7v2/index.ts';
import { factsOf } from './facts.ts';
import { resourcesOf } from './trip.ts';

/** Segments that say nothing of the patient. */
const ENVELOPE: ReadonlySet<string> = new Set(['MSH', 'SFT', 'EVN']);

/** Fields that are filled, by name, `PID-3`. */
export function filledOf(message: Hl7Message): Set<string> {
  const names = new Set<string>();
  for (const segment of message.segments()) {
    if (ENVELOPE.has(segment.name)) continue;
    for (let field = 1; field <= segment.fieldCount; field += 1)
      if (segment.field(field).state === 'valued') names.add(`${segment.name}-${field}`);
  }
  return names;
}

/**
 * The field that a fact comes from, for each fact: found by taking one field after the other out of the message. Of several it is the one with which
 * the least goes: without an identifier nothing is filed at all.
 */
export function sourcesOf(message: Hl7Message, facts: readonly string[]): Map<string, string> {
  const wanted = new Set(facts);
  const whole = factsOf(resourcesOf(message));
  const before = countsOf(whole, wanted);
  const found = new Map<string, { place: string; gone: number }>();
  for (const place of filledOf(message)) {
    const left = factsOf(resourcesOf(withoutField(message, place)));
    const after = countsOf(left, wanted);
    const gone = whole.length - left.length;
    for (const [fact, count] of before) {
      const isGone = (after.get(fact) ?? 0) < count;
      if (isGone && gone < (found.get(fact)?.gone ?? Number.POSITIVE_INFINITY))
        found.set(fact, { place, gone });
    }
  }
  return new Map([...found].map(([fact, { place }]) => [fact, place]));
}

function countsOf(facts: readonly string[], wanted: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const fact of facts) if (wanted.has(fact)) counts.set(fact, (counts.get(fact) ?? 0) + 1);
  return counts;
}

export function withoutField(message: Hl7Message, place: string): Hl7Message {
  const [name = '', field = ''] = place.split('-');
  const editor = editMessage(message);
  for (let occurrence = message.segments(name).length; occurrence > 0; occurrence -= 1)
    editor.remove(`${name}[${occurrence}]-${field}`);
  return parseMessage(editor.toBytes(), { defaultCharset: 'UNICODE UTF-8' });
}
