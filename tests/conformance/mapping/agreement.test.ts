import { describe, expect, test } from 'vitest';
import { isMapped } from '../../../src/clinical/mapping/index.ts';
import { compare, factsOf } from './facts.ts';
import { googlePairs } from './google.ts';
import { byName, mapped, type Pair, typeOf } from './pairs.ts';
import { isTheirs, reasonOf } from './reasons.ts';

/**
 * What we make of real messages against what others made of them: facts, not bytes. Each collection has a floor that was reached; the
 * list of what differs is printed, the most frequent paths first.
 */
const collections: readonly Collection[] = [
  {
    name: 'hl7v2-cdc-reportstream',
    floor: 0.66,
    floorAfterReasons: 0.985,
    mostOpen: 10,
    pairs: byName((stem) => new RegExp(`^${stem}\\.fhir$`)),
  },
  {
    name: 'hl7v2-cdc-trusted-intermediary',
    floor: 0.955,
    floorAfterReasons: 0.99,
    mostOpen: 10,
    pairs: byName(
      (stem) => new RegExp(`^${stem.replace(/_0_initial_message$/, '')}_1_hl7_translation\\.fhir$`),
    ),
  },
  {
    name: 'hl7v2-microsoft-fhir-converter',
    floor: 0.67,
    floorAfterReasons: 0.91,
    mostOpen: 300,
    pairs: byName((stem) => new RegExp(`^${stem}\\.expected\\..*\\.json$`)),
  },
  {
    name: 'hl7v2-google-harmonization',
    floor: 0.635,
    floorAfterReasons: 0.94,
    mostOpen: 25,
    pairs: googlePairs,
  },
];

interface Collection {
  readonly name: string;
  /** Share of their facts that agree, and of those for whose absence there is no reason of theirs. */
  readonly floor: number;
  readonly floorAfterReasons: number;
  /** Differences that no reason is known for. They are listed, and may only become fewer. */
  readonly mostOpen: number;
  readonly pairs: (name: string) => readonly Pair[];
}

describe.each(collections)('$name', ({ name, floor, floorAfterReasons, mostOpen, pairs: find }) => {
  test('the facts agree', () => {
    const all = find(name);
    const pairs = all.filter(({ message }) => isMapped(typeOf(message)));
    const left = all.filter((pair) => !pairs.includes(pair));
    console.log(
      `${name}: of types without a mapping ${left.map(({ name: file }) => file).join(', ') || 'none'}`,
    );
    expect(pairs.length).toBeGreaterThan(5);
    const tally: Tally = {
      agreed: 0,
      theirs: 0,
      explained: 0,
      unexplained: 0,
      open: new Map(),
      reasons: new Map(),
    };
    for (const pair of pairs) add(pair, name, tally);
    const raw = tally.agreed / tally.theirs;
    const afterReasons = tally.agreed / (tally.theirs - tally.explained);
    console.log(
      `${name}: ${pairs.length} pairs, ${tally.agreed} of ${tally.theirs} facts agree (${percent(raw)}); ${tally.explained} differ for reasons of theirs (${percent(afterReasons)} of the others agree), ${tally.unexplained} without a reason`,
    );
    console.log(listOf(tally.reasons, 40));
    console.log(listOf(tally.open, Number(process.env.DIFFERENCES ?? 60)));
    expect(raw).toBeGreaterThan(floor);
    expect(afterReasons).toBeGreaterThan(floorAfterReasons);
    expect(tally.unexplained).toBeLessThanOrEqual(mostOpen);
  });
});

interface Seen {
  count: number;
  readonly example: string;
}

interface Tally {
  agreed: number;
  theirs: number;
  /** Those with a reason of theirs, and those without any. */
  explained: number;
  unexplained: number;
  /** Differences without a reason, by path. */
  readonly open: Map<string, Seen>;
  readonly reasons: Map<string, Seen>;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const listOf = (seen: Map<string, Seen>, most: number): string =>
  [...seen]
    .sort(([, one], [, other]) => other.count - one.count)
    .slice(0, most)
    .map(([what, { count, example }]) => `${count}\t${what}\t${example}`)
    .join('\n');

function add({ name, message, bundle }: Pair, collection: string, tally: Tally): void {
  const theirs = factsOf(bundle);
  const { agreed, theirs: missing, ours } = compare(theirs, factsOf(mapped(message)));
  tally.agreed += agreed;
  tally.theirs += theirs.length;
  const text = Buffer.from(message).toString('latin1').toLowerCase();
  const sent = { collection, isReverse: /FHIR_to_HL7\//.test(name), text, ours };
  for (const fact of missing) {
    const reason = reasonOf(fact, sent);
    const example = `${fact.value} (${name})`;
    if (reason) note(tally.reasons, `${reason.kind}: ${reason.why}`, example);
    if (!reason) {
      tally.unexplained += 1;
      note(tally.open, fact.path, example);
    } else if (isTheirs(reason)) tally.explained += 1;
  }
}

function note(into: Map<string, Seen>, what: string, example: string): void {
  const known = into.get(what);
  if (known) known.count += 1;
  else into.set(what, { count: 1, example });
}
