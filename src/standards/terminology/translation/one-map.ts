import { canonicalOf } from '../node.ts';
import type { ConceptMapView, MapRow } from '../types.ts';
import { isOneWayRow, turned } from './backwards.ts';
import { formsOf } from './code-forms.ts';
import { complexSaid, isComplex } from './complex.ts';
import { gemSaid, isGem } from './gem.ts';
import type { Maps } from './maps.ts';
import { plainSaid } from './plain.ts';
import type { Said, TranslateRequest, TranslationMatch, TranslationRule } from './types.ts';

const NOTHING: Said = { matches: [], isUnmatched: false, findings: [] };
/** Maps may name another for what they do not map, and that one another. */
const MAX_MAPS = 8;
type Group = ConceptMapView['groups'][number];

/** What one map says of a request's code, for the systems that are wanted. */
export async function saidByMap(
  view: ConceptMapView,
  request: TranslateRequest,
  { maps, before = [] }: { readonly maps: Maps; readonly before?: readonly ConceptMapView[] },
): Promise<Said> {
  if (before.includes(view) || before.length >= MAX_MAPS) return { ...NOTHING, findings: ['map-cycle'] };
  const { coding, reverse } = request;
  const forms = formsOf(coding, request.isProcedure);
  const byForm = await maps.rows(view, request, forms);
  const form = forms.find((one) => byForm.has(one));
  const found = form === undefined ? [] : (byForm.get(form) ?? []);
  const rows = wanted(reverse ? found.flatMap(turned) : found, request.targets);
  const said = rows.length === 0 ? NOTHING : saidByRows(rows, view, request);
  const direction =
    reverse && (view.isOneWay || found.some(isOneWayRow)) ? review(said, 'one-way-map') : said;
  const noted: Said =
    form !== undefined && form !== coding.code && rows.length > 0
      ? { ...direction, findings: [...direction.findings, 'code-reformatted'] }
      : direction;
  const rest = reverse
    ? []
    : await Promise.all(
        unmappedGroups(view, request, rows).map((group) =>
          unmappedSaid(group, view, { request, maps, before: [...before, view] }),
        ),
      );
  const all = [noted, ...rest].map((one) => checkVersion(one, view, request));
  return {
    matches: all.flatMap(({ matches }) => matches),
    isUnmatched: all.some(({ isUnmatched }) => isUnmatched),
    findings: all.flatMap(({ findings }) => findings),
  };
}

const wanted = (rows: readonly MapRow[], targets: readonly string[]): readonly MapRow[] =>
  targets.length === 0 ? rows : rows.filter(({ target }) => !target || targets.includes(target.system));

function saidByRows(
  rows: readonly MapRow[],
  view: ConceptMapView,
  { context, reverse }: TranslateRequest,
): Said {
  const map = canonicalOf(view.url, view.version);
  const said = [
    gemSaid(rows.filter(isGem), map),
    complexSaid(rows.filter(isComplex), map, context),
    plainSaid(
      rows.filter((row) => !isGem(row) && !isComplex(row)),
      map,
      context,
    ),
  ];
  return {
    matches: said.flatMap(({ matches }) => matches.map((match) => withVersion(match, view, reverse))),
    isUnmatched: said.some(({ isUnmatched, matches }) => isUnmatched && matches.length === 0),
    findings: said.flatMap(({ findings }) => findings),
  };
}

function withVersion(match: TranslationMatch, { groups }: ConceptMapView, reverse = false): TranslationMatch {
  const { coding } = match;
  const group = groups.find(({ source, target }) => (reverse ? source : target) === coding.system);
  const version = reverse ? group?.sourceVersion : group?.targetVersion;
  return version === undefined ? match : { ...match, coding: { ...coding, version } };
}

/** All of it becomes candidates, also what was none for a weaker reason; what the map denies stays denied. */
function review(said: Said, why: TranslationRule): Said {
  const matches = said.matches.map((match) =>
    match.why === 'disjoint' ? match : { ...match, isTranslation: false, why },
  );
  return { ...said, matches, findings: said.matches.length > 0 ? [...said.findings, why] : said.findings };
}

/** A map for other versions of the code system than the coding's says nothing certain. */
function checkVersion(said: Said, { groups }: ConceptMapView, { coding, reverse }: TranslateRequest): Said {
  const { system, version } = coding;
  if (version === undefined) return said;
  const versions = groups.flatMap((group) => {
    const isOf = (reverse ? group.target : group.source) === system;
    return isOf ? [reverse ? group.targetVersion : group.sourceVersion] : [];
  });
  const isFor = versions.length === 0 || versions.some((one) => one === undefined || one === version);
  return isFor ? said : review(said, 'version-differs');
}

/** Groups that say what becomes of a code they do not list. */
const unmappedGroups = (
  { groups }: ConceptMapView,
  { coding, targets }: TranslateRequest,
  rows: readonly MapRow[],
): readonly Group[] =>
  groups.filter(
    ({ source, target, unmapped }) =>
      unmapped !== undefined &&
      (source === undefined || source === coding.system) &&
      (target === undefined || targets.length === 0 || targets.includes(target)) &&
      !rows.some((row) => !row.target || row.target.system === target),
  );

async function unmappedSaid(
  { target: system, targetVersion, unmapped }: Group,
  view: ConceptMapView,
  {
    request,
    maps,
    before,
  }: { readonly request: TranslateRequest; readonly maps: Maps; readonly before: readonly ConceptMapView[] },
): Promise<Said> {
  if (!unmapped) return NOTHING;
  if (unmapped.mode === 'other-map') {
    const others = unmapped.url === undefined ? [] : await maps.named(unmapped.url);
    const [other] = others;
    return other ? saidByMap(other, request, { maps, before }) : { ...NOTHING, findings: ['map-missing'] };
  }
  const isFixed = unmapped.mode === 'fixed';
  const code = isFixed ? unmapped.code : request.coding.code;
  if (system === undefined || code === undefined) return NOTHING;
  const display = isFixed ? unmapped.display : undefined;
  const version = targetVersion === undefined ? {} : { version: targetVersion };
  const match: TranslationMatch = {
    equivalence: isFixed ? 'relatedto' : 'equivalent',
    coding: { system, ...version, code, ...(display ? { display } : {}) },
    map: canonicalOf(view.url, view.version),
    isTranslation: true,
  };
  return { ...NOTHING, matches: [match] };
}
