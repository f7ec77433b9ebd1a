import { describe, expect, test } from 'vitest';
import { compare, type Fact, factsOf } from './facts.ts';
import { mapped, type Pair, pairsOf } from './pairs.ts';

/**
 * What we make of real messages against what others made of them: facts, not bytes. Each collection has a floor that was reached; the
 * list of what differs is printed, the most frequent paths first.
 */
const collections = [
  { name: 'hl7v2-cdc-reportstream', floor: 0.2, bundle: (stem: string) => new RegExp(`^${stem}\\.fhir$`) },
  {
    name: 'hl7v2-cdc-trusted-intermediary',
    floor: 0.55,
    bundle: (stem: string) =>
      new RegExp(`^${stem.replace(/_0_initial_message$/, '')}_1_hl7_translation\\.fhir$`),
  },
  {
    name: 'hl7v2-microsoft-fhir-converter',
    floor: 0.08,
    bundle: (stem: string) => new RegExp(`^${stem}\\.expected\\..*\\.json$`),
  },
];

describe.each(collections)('$name', ({ name, floor, bundle }) => {
  test('the facts agree', () => {
    const pairs = pairsOf(name, bundle);
    expect(pairs.length).toBeGreaterThan(5);
    const total = { agreed: 0, theirs: 0 };
    const differing = new Map<string, { count: number; example: string }>();
    for (const pair of pairs) add(pair, total, differing);
    const share = total.agreed / total.theirs;
    console.log(
      `${name}: ${pairs.length} pairs, ${total.agreed} of ${total.theirs} facts agree (${(share * 100).toFixed(1)} %)`,
    );
    const list = [...differing].sort(([, one], [, other]) => other.count - one.count);
    console.log(
      list
        .slice(0, 60)
        .map(([path, { count, example }]) => `${count}\t${path}\t${example}`)
        .join('\n'),
    );
    expect(share).toBeGreaterThan(floor);
  });
});

function add(
  { name, message, bundle }: Pair,
  total: { agreed: number; theirs: number },
  differing: Map<string, { count: number; example: string }>,
): void {
  const theirs = factsOf(bundle);
  const { agreed, theirs: missing } = compare(theirs, factsOf(mapped(message)));
  total.agreed += agreed;
  total.theirs += theirs.length;
  for (const fact of missing) note(fact, name, differing);
}

function note(
  { path, value }: Fact,
  name: string,
  into: Map<string, { count: number; example: string }>,
): void {
  const known = into.get(path) ?? { count: 0, example: `${value} (${name})` };
  known.count += 1;
  into.set(path, known);
}
