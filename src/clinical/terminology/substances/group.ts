import type { TerminologySource } from '../../../standards/terminology/index.ts';
import { type KnownAs, knownAs, nameOf } from './known-as.ts';
import type { SubstanceCoding, SubstanceEntry, SubstanceGroup } from './types.ts';

/**
 * Entries for the same substance or drug, whatever code systems they are in: those that come, by loaded maps and relations, to the same set of ingredients
 * (RxNorm) or vaccine groups (CVX); of the others, those with the very same code. Never by a name. What is not known stays alone, and so does an entry whose own codes
 * lead to different substances. Groups are in the order of their first entries.
 */
export async function groupSubstances(
  source: TerminologySource,
  entries: readonly SubstanceEntry[],
): Promise<readonly SubstanceGroup[]> {
  const codings = entries.flatMap(({ codings: own, parts = [] }) => [...own, ...parts.flat()]);
  const known = await knownAs(source, codings);
  const groups = new Map<string, SubstanceGroup & { readonly entries: string[] }>();
  for (const entry of entries) {
    const { key, ...group } = judged(entry, known);
    const before = groups.get(key);
    if (before) before.entries.push(entry.id);
    else groups.set(key, { ...group, entries: [entry.id] });
  }
  return [...groups.values()];
}

type Judged = Omit<SubstanceGroup, 'entries'> & { readonly key: string };

function judged({ id, codings, parts = [] }: SubstanceEntry, known: ReadonlyMap<string, KnownAs>): Judged {
  const alone: Judged = { key: `alone ${id}`, by: 'alone', common: [] };
  const whole = codings.flatMap((coding) => known.get(nameOf(coding)) ?? []);
  const drugs = whole.filter(({ by }) => by === 'ingredient');
  const said = drugs.length > 0 ? drugs : whole;
  const [first, ...others] = said.length > 0 ? said : partsKnown(parts, known);
  if (first) {
    const key = keyOf(first);
    return others.every((other) => keyOf(other) === key)
      ? { ...first, key }
      : { ...alone, isContradictory: true };
  }
  const own = codings.find(({ system, code }) => system !== undefined && code !== undefined);
  return own ? byCode(own) : alone;
}

/** What a drug consists of: all parts known, or nothing is. */
function partsKnown(
  parts: readonly (readonly SubstanceCoding[])[],
  known: ReadonlyMap<string, KnownAs>,
): readonly KnownAs[] {
  const each = parts.map((codings) => codings.flatMap((coding) => known.get(nameOf(coding)) ?? []));
  const isWhole = each.every((found) => found.length > 0 && new Set(found.map(keyOf)).size === 1);
  if (each.length === 0 || !isWhole) return [];
  const common = each.flatMap((found) => found[0]?.common ?? []);
  const unique = [...new Map(common.map((one) => [nameOf(one), one])).values()];
  return [{ by: 'ingredient', common: unique.sort((one, other) => (one.code < other.code ? -1 : 1)) }];
}

const keyOf = ({ by, common }: KnownAs): string => `${by} ${common.map(nameOf).join(' ')}`;

function byCode({ system = '', code = '', display }: SubstanceCoding): Judged {
  const common = [{ system, code, ...(display === undefined ? {} : { display }) }];
  return { key: `code ${system}|${code}`, by: 'code', common };
}
