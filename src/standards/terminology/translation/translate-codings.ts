import { groupBy } from '../group.ts';
import type { TerminologySource } from '../types.ts';
import { Maps } from './maps.ts';
import { saidByMap } from './one-map.ts';
import { decide, isExact } from './plain.ts';
import type { Said, TranslateRequest, Translation, TranslationMatch, TranslationRule } from './types.ts';

/**
 * Translates codings by the concept maps of a source (docs/design/terminology.md, TX1-TX9); one answer for each request, in their order. Each map is asked once for the whole
 * batch. It never guesses: what no map decides is a candidate or nothing, with the rule that says why.
 */
export async function translateCodings(
  source: TerminologySource,
  requests: readonly TranslateRequest[],
): Promise<Translation[]> {
  const maps = new Maps(source);
  await maps.prefetch(requests);
  return Promise.all(requests.map((request) => translated(request, maps)));
}

async function translated(request: TranslateRequest, maps: Maps): Promise<Translation> {
  const views = await maps.of(request);
  const said = await Promise.all(views.map((view) => saidByMap(view, request, { maps })));
  const ofSystem = groupBy(
    said.flatMap(({ matches }) => matches),
    ({ coding }) => coding.system,
  );
  const findings = new Set<TranslationRule>(said.flatMap((one) => one.findings));
  const order = request.targets.length > 0 ? request.targets : [...ofSystem.keys()];
  const matches = order.flatMap((system) =>
    acrossMaps(ofSystem.get(system) ?? [], {
      ...{ findings, isOrdered: isOrdered(request), isReverse: request.reverse === true },
    }),
  );
  return {
    result: matches.some(({ isTranslation }) => isTranslation),
    matches: [...matches.filter((one) => one.isTranslation), ...matches.filter((one) => !one.isTranslation)],
    unmatched: views.flatMap(({ url, version }, at) =>
      saysNone(said[at]) ? [version === undefined ? url : `${url}|${version}`] : [],
    ),
    findings: [...findings].map((rule) => ({ rule })),
  };
}

const saysNone = (said: Said | undefined): boolean => said?.isUnmatched === true && said.matches.length === 0;

const isOrdered = ({ maps, isInOrder = true }: TranslateRequest): boolean => maps !== undefined && isInOrder;

interface Across {
  readonly findings: Set<TranslationRule>;
  readonly isOrdered: boolean;
  readonly isReverse: boolean;
}

/** What several maps say of one system together. What one of them claims to be two codes, or denies, is contradicted whatever another says. */
function acrossMaps(
  matches: readonly TranslationMatch[],
  { findings, isOrdered, isReverse }: Across,
): readonly TranslationMatch[] {
  const open = matches.filter(({ isTranslation }) => isTranslation);
  const exact = open.filter(isExact);
  const claimed = matches.filter(
    (one) => (one.isTranslation || one.why === 'several-alternatives') && isExact(one),
  );
  const denied = codesOf(matches.filter(({ why }) => why === 'disjoint'));
  if (codesOf(claimed).size > 1 || [...codesOf(open)].some((code) => denied.has(code))) {
    // Backwards, several codes that are the same as one are no contradiction, but nothing is chosen of them either.
    const why = isReverse && denied.size === 0 ? 'several-alternatives' : 'contradictory-maps';
    findings.add(why);
    return matches.map((one) =>
      one.isTranslation || claimed.includes(one) ? { ...one, isTranslation: false, why } : one,
    );
  }
  if (exact.length > 0 || codesOf(open).size <= 1) return decide(matches, 'maps-differ');
  findings.add('maps-differ');
  const [first] = open;
  if (!isOrdered || !first) return decide(matches, 'maps-differ');
  return matches.map((match) =>
    match.isTranslation && match.map !== first.map
      ? { ...match, isTranslation: false, why: 'maps-differ' }
      : match,
  );
}

const codesOf = (matches: readonly TranslationMatch[]): ReadonlySet<string> =>
  new Set(
    matches.map(({ coding, products = [] }) =>
      JSON.stringify([coding.code, ...products.map((one) => one.coding.code)]),
    ),
  );
