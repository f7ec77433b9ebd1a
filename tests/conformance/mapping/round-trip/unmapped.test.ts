import { expect, test } from 'vitest';
import { unmappedOf } from '../../../../src/clinical/mapping/index.ts';
import type { Hl7Message } from '../../../../src/standards/hl7v2/index.ts';
import { factsOf } from './facts.ts';
import { withoutField } from './places.ts';
import { corpusMessages, options, resourcesOf } from './trip.ts';

/** How many messages of a kind a field is taken out of. */
const MAX_TRIES = 2;
const MAX_BYTES = 50_000;

test('[M22] what is said not to be mapped changes nothing when it is taken out', () => {
  const tries = new Map<string, number>();
  const wrong: string[] = [];
  let tried = 0;
  for (const { name, message } of corpusMessages()) {
    if (message.toBytes().length > MAX_BYTES) continue;
    const places = Object.entries(unmappedOf(message, options)).flatMap(([place, unread]) => {
      // Another segment of the same name may have been read.
      if (!place.includes('-') || unread !== filledIn(message, place)) return [];
      const key = `${message.header.messageCode} ${place}`;
      const count = tries.get(key) ?? 0;
      tries.set(key, count + 1);
      return count < MAX_TRIES ? [place] : [];
    });
    if (places.length === 0) continue;
    const before = saidBy(message);
    for (const place of places) {
      tried += 1;
      if (saidBy(withoutField(message, place)) !== before) wrong.push(`${message.type} ${place} (${name})`);
    }
  }
  console.log(
    `unmapped: ${tried} fields of ${tries.size} kinds taken out, ${wrong.length} of them change something`,
  );
  expect(tried).toBeGreaterThan(300);
  expect(wrong).toEqual([]);
}, 300_000);

function filledIn(message: Hl7Message, place: string): number {
  const [name = '', field = ''] = place.split('-');
  return message.segments(name).filter((segment) => segment.field(Number(field)).state !== 'empty').length;
}

const saidBy = (message: Hl7Message): string => factsOf(resourcesOf(message)).sort().join('\n');
