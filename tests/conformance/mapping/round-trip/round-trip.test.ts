import { expect, test } from 'vitest';
import { unmappedOf } from '../../../../src/clinical/mapping/index.ts';
import { compare, factsOf, pathOf } from './facts.ts';
import { filledOf, sourcesOf } from './places.ts';
import { reasonOf } from './reasons.ts';
import { corpusMessages, options, type Sent, tripOf } from './trip.ts';

/** What was reached: shares of facts, of mapped fields, and of the facts of each kind of message. Raise them, never lower one. */
const FLOOR = { facts: 0.997, fields: 0.994, ofType: 0.97 };
/** Orders without a service, vaccinations without a day: refused by place, as they must be (M89). */
const MOST_REFUSED = 12;
/** Looking for the field that was lost maps a message once for each of its fields. */
const MAX_BYTES = 20_000;

interface Loss {
  count: number;
  readonly example: string;
  readonly field: string;
}

interface Tally {
  messages: number;
  facts: number;
  lost: number;
  added: number;
  fields: number;
  lostFields: number;
  readonly refused: string[];
  readonly byType: Map<string, { facts: number; lost: number }>;
  /** By kind of message and element. */
  readonly losses: Map<string, Loss>;
}

test('[M93] every message of the collections, mapped, written back and mapped again, says the same', () => {
  const tally: Tally = {
    ...{ messages: 0, facts: 0, lost: 0, added: 0, fields: 0, lostFields: 0 },
    ...{ refused: [], byType: new Map(), losses: new Map() },
  };
  for (const sent of corpusMessages()) take(sent, tally);
  console.log(report(tally));
  const ofFacts = 1 - tally.lost / tally.facts;
  const ofFields = 1 - tally.lostFields / tally.fields;
  expect(tally.messages).toBeGreaterThan(1000);
  expect(ofFacts).toBeGreaterThan(FLOOR.facts);
  expect(ofFields).toBeGreaterThan(FLOOR.fields);
  expect(tally.refused.length).toBeLessThanOrEqual(MOST_REFUSED);
  const poor = [...tally.byType].filter(([, { facts, lost }]) => 1 - lost / facts < FLOOR.ofType);
  expect(poor.map(([type]) => type)).toEqual([]);
  const open = [...tally.losses].filter(([loss, { field }]) => !reasonOf(loss, field));
  expect(open.map(([loss, { field, example }]) => `${loss} ${field} ${example}`)).toEqual([]);
}, 300_000);

function take({ name, message }: Sent, tally: Tally): void {
  const trip = tripOf(message);
  // What can't be filed under anybody, or is none of ours, has nothing to lose.
  if (!trip || trip.before.length === 0) return;
  if (trip.refused) {
    tally.refused.push(`${message.type} ${trip.refused.location} ${trip.refused.rule} (${name})`);
    return;
  }
  const before = factsOf(trip.before);
  const { lost, added } = compare(before, factsOf(trip.after));
  const ofType = tally.byType.get(message.header.messageCode) ?? { facts: 0, lost: 0 };
  tally.byType.set(message.header.messageCode, ofType);
  ofType.facts += before.length;
  ofType.lost += lost.length;
  tally.messages += 1;
  tally.facts += before.length;
  tally.lost += lost.length;
  tally.added += added.length;
  const unmapped = unmappedOf(message, options);
  const mapped = [...filledOf(message)].filter(
    (field) => !(field in unmapped) && !(field.slice(0, 3) in unmapped),
  );
  tally.fields += mapped.length;
  tally.lostFields += noteLosses({ name, message }, lost, tally);
}

/** Notes what was lost, and returns how many fields said it. */
function noteLosses({ name, message }: Sent, lost: readonly string[], { losses }: Tally): number {
  const keyOf = (fact: string) => `${message.header.messageCode} ${pathOf(fact)}`;
  const unknown = lost.filter((fact) => !losses.has(keyOf(fact)));
  const isSmall = message.toBytes().length < MAX_BYTES;
  const sources = unknown.length > 0 && isSmall ? sourcesOf(message, unknown) : new Map<string, string>();
  const fields = new Set<string>();
  for (const fact of lost) {
    const known = losses.get(keyOf(fact));
    if (known) known.count += 1;
    else {
      const example = `${fact.slice(pathOf(fact).length, 120)} (${name})`;
      losses.set(keyOf(fact), { count: 1, example, field: sources.get(fact) ?? '' });
    }
    fields.add(losses.get(keyOf(fact))?.field ?? '');
  }
  return fields.size;
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

function report({
  messages,
  facts,
  lost,
  added,
  fields,
  lostFields,
  refused,
  byType,
  losses,
}: Tally): string {
  const types = [...byType].map(
    ([type, of]) => `${type}\t${percent(1 - of.lost / of.facts)} of ${of.facts} facts`,
  );
  const list = [...losses]
    .sort(([, one], [, other]) => other.count - one.count)
    .map(
      ([loss, { count, field, example }]) =>
        `${count}\t${field}\t${loss}\t${reasonOf(loss, field)?.why ?? 'OPEN'}\t${example}`,
    );
  return [
    `round trip: ${messages} messages, ${percent(1 - lost / facts)} of ${facts} facts and ${percent(1 - lostFields / fields)} of ${fields} mapped fields come back; ${added} facts are added`,
    ...types,
    `refused: ${refused.length}`,
    ...refused,
    'what does not come back (how often, field, element, why):',
    ...list,
  ].join('\n');
}
