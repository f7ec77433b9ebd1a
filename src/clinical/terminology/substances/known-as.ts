import {
  type Equivalence,
  type TerminologySource,
  type TranslateRequest,
  type TranslationMatch,
  translateCodings,
} from '../../../standards/terminology/index.ts';
import { CVX, RXNORM } from '../translate/targets.ts';
import { ingredientsOf } from './ingredients.ts';
import type { SubstanceCoding } from './types.ts';

/** What a code comes to, across code systems. */
export interface KnownAs {
  readonly by: 'ingredient' | 'vaccine-group';
  readonly common: readonly { readonly system: string; readonly code: string; readonly display?: string }[];
}

/** A code that names nothing but the target, or something more special than it: a package, a salt, a strength. */
const SAME: ReadonlySet<Equivalence> = new Set<Equivalence>(['equal', 'equivalent', 'wider', 'subsumes']);
const EXACT: ReadonlySet<Equivalence> = new Set<Equivalence>(['equal', 'equivalent']);

export const nameOf = ({ system = '', code = '' }: SubstanceCoding): string => `${system}|${code}`;

/**
 * What codes are by loaded maps and relations, by `system|code`: the ingredients of RxNorm, or the vaccine groups of CVX. What is not known is absent. A few questions for all of them
 * together.
 */
export async function knownAs(
  source: TerminologySource,
  codings: readonly SubstanceCoding[],
): Promise<ReadonlyMap<string, KnownAs>> {
  const asked = new Map(
    codings.flatMap((coding) => (isCode(coding) ? [[nameOf(coding), coding] as const] : [])),
  );
  const rxnorm = await inSystem(source, RXNORM, [...asked.values()]);
  const cvx = await inSystem(source, CVX, [...asked.values()]);
  const ingredients = await ingredientsOf(source, [...new Set(rxnorm.values())]);
  const groups = await vaccineGroups(source, [...new Set(cvx.values())]);
  const known = new Map<string, KnownAs>();
  for (const name of asked.keys()) {
    const drug = ingredients.get(rxnorm.get(name) ?? '');
    const vaccine = groups.get(cvx.get(name) ?? '');
    if (drug) known.set(name, { by: 'ingredient', common: drug.map((one) => ({ system: RXNORM, ...one })) });
    else if (vaccine) known.set(name, { by: 'vaccine-group', common: vaccine });
  }
  return known;
}

interface Code {
  readonly system: string;
  readonly code: string;
}

const isCode = (coding: SubstanceCoding): coding is SubstanceCoding & Code =>
  typeof coding.system === 'string' && typeof coding.code === 'string';

/** The code of a system that a code is: itself, or what a map says; also a map the other way round that is exact and may be read so. */
async function inSystem(
  source: TerminologySource,
  system: string,
  codings: readonly Code[],
): Promise<ReadonlyMap<string, string>> {
  const own = codings.filter((coding) => coding.system === system);
  const others = codings.filter((coding) => coding.system !== system);
  const requests = others.map(
    ({ system: from, code }): TranslateRequest => ({ coding: { system: from, code }, targets: [system] }),
  );
  const forwards = await translateCodings(source, requests);
  const backwards = await translateCodings(
    source,
    requests.map((request) => ({ ...request, reverse: true })),
  );
  return new Map([
    ...own.map((coding) => [nameOf(coding), coding.code] as const),
    ...others.flatMap((coding, index) => {
      const code = onlyOne(forwards[index], SAME) ?? onlyOne(backwards[index], EXACT);
      return code === undefined ? [] : [[nameOf(coding), code] as const];
    }),
  ]);
}

function onlyOne(
  answer: Awaited<ReturnType<typeof translateCodings>>[number] | undefined,
  near: ReadonlySet<Equivalence>,
): string | undefined {
  const codes = (answer?.matches ?? []).flatMap(({ isTranslation, equivalence, coding, products }) =>
    isTranslation && near.has(equivalence) && (!products || isByItself(equivalence, products))
      ? [coding.code]
      : [],
  );
  return new Set(codes).size === 1 ? codes[0] : undefined;
}

/** A wider target is so without what the map says of other elements, such as the manufacturer of a vaccine. */
const isByItself = (equivalence: Equivalence, products: NonNullable<TranslationMatch['products']>): boolean =>
  !EXACT.has(equivalence) && products.every(({ property }) => property !== undefined);

/** CDC's groups of a vaccine: a combination has several. */
async function vaccineGroups(
  source: TerminologySource,
  codes: readonly string[],
): Promise<ReadonlyMap<string, KnownAs['common']>> {
  const view = codes.length > 0 ? await source.codeSystem(CVX) : undefined;
  if (!view) return new Map();
  const vaccines = await view.find(codes);
  const groupsOf = new Map(
    [...vaccines].map(([code, { properties }]) => [
      code,
      properties.flatMap((one) => (one.code === 'vaccineGroup' ? [one.value] : [])).sort(),
    ]),
  );
  const groups = await view.find([...new Set([...groupsOf.values()].flat())]);
  return new Map(
    [...groupsOf].flatMap(([code, names]) => {
      const common = names.map((name) => {
        const display = groups.get(name)?.display;
        return { system: CVX, code: name, ...(display === undefined ? {} : { display }) };
      });
      return common.length === 0 ? [] : [[code, common] as const];
    }),
  );
}
