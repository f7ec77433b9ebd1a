import { TerminologyError } from '../errors.ts';
import { canonicalOf, nodesOf, textOf } from '../node.ts';
import { combineSources } from '../sources/combine.ts';
import { resourceSource } from '../sources/resources.ts';
import { currentVersions } from '../translation/maps.ts';
import { translateCodings } from '../translation/translate-codings.ts';
import type {
  CodingOf,
  TranslateRequest,
  Translation,
  TranslationContext,
  TranslationMatch,
  TranslationRule,
} from '../translation/types.ts';
import type { ConceptMapView, Definition } from '../types.ts';
import { type Ask, Context } from './context.ts';
import { type CodingInput, codingOf } from './inputs.ts';

/** What a map states as a match, although a machine had better not choose it by itself. */
const STATED: ReadonlySet<TranslationRule> = new Set(['target-narrower', 'closer-match']);
/** Of a map that is sent along and has no canonical. */
const SENT = 'urn:isthmus:sent-along';

/**
 * ConceptMap/$translate (R4 conceptmap-operation-translate.html) by `url` or `conceptMap`, or by all maps between the systems that are not retired; of `code` with `system`, a
 * `coding` or a `codeableConcept`. `result` is true where a map states a target that is not unmatched or disjoint; what is only a candidate (docs/design/terminology.md, TX1-TX9) is
 * listed with the result false, and a message says why. Names of R5's parameters are understood as well.
 */
export async function translate(ask: Ask): Promise<Definition> {
  const context = new Context(ask);
  const { inputs } = context;
  const sent = inputs.resource('conceptMap');
  const map = sent && (textOf(sent, 'url') === undefined ? { ...sent, url: SENT } : sent);
  const source = map ? combineSources([resourceSource([map]), context.source]) : context.source;
  const reverse =
    inputs.flag('reverse') === true || inputs.has('targetCode', 'targetCoding', 'targetCodeableConcept');
  const codings = codingsOf(context, reverse);
  const named = map ? { url: textOf(map, 'url') ?? SENT } : inputs.canonical('url', 'conceptMapVersion');
  const version = map ? textOf(map, 'version') : named && 'version' in named ? named.version : undefined;
  const views = named
    ? await source.conceptMaps({ url: named.url, ...(version === undefined ? {} : { version }) })
    : undefined;
  if (views?.length === 0)
    throw new TerminologyError(
      'not-found',
      `A definition for the ConceptMap '${canonicalOf(named?.url ?? '', version)}' could not be found`,
      { detail: 'not-found' },
    );
  const requests = await Promise.all(
    codings.map(async (coding): Promise<TranslateRequest> => {
      const known =
        views ??
        (await source.conceptMaps(
          reverse ? { targetSystem: coding.system } : { sourceSystem: coding.system },
        ));
      return {
        coding,
        targets: targetsOf(known, { context, coding, reverse }),
        maps: mapsFor(known, { context, isNamed: views !== undefined }),
        isInOrder: false,
        context: contextOf(context),
        reverse,
      };
    }),
  );
  const translations = await translateCodings(source, requests);
  context.checkSupplements();
  return answerOf(translations);
}

function codingsOf({ inputs }: Context, reverse: boolean): readonly CodingOf[] {
  const [concept, coding, code] =
    reverse && inputs.has('targetCode', 'targetCoding', 'targetCodeableConcept')
      ? [inputs.node('targetCodeableConcept'), inputs.coding('targetCoding'), inputs.text('targetCode')]
      : [
          inputs.node('codeableConcept') ?? inputs.node('sourceCodeableConcept'),
          inputs.coding('coding') ?? inputs.coding('sourceCoding'),
          inputs.text('code', 'sourceCode'),
        ];
  const system = inputs.has('targetCode')
    ? inputs.text('targetSystem', 'targetsystem')
    : inputs.text('system', 'sourceSystem');
  const version = inputs.text('version');
  const all: readonly (CodingInput | undefined)[] = concept
    ? nodesOf(concept, 'coding').map(codingOf)
    : [
        coding ??
          (code === undefined
            ? undefined
            : { code, ...(system ? { system } : {}), ...(version ? { version } : {}) }),
      ];
  const codings = all.flatMap((one) => (one?.system === undefined ? [] : [{ ...one, system: one.system }]));
  if (codings.length === 0)
    throw new TerminologyError('required', 'A code and its system, a coding or a codeableConcept are needed');
  return codings;
}

/** Which maps: those that are named; else those between the value sets that are asked for that are not retired, the active ones first. */
function mapsFor(
  views: readonly ConceptMapView[],
  { context: { inputs }, isNamed }: { readonly context: Context; readonly isNamed: boolean },
): readonly string[] {
  const [from, to] = [inputs.text('source', 'sourceScope'), inputs.text('target', 'targetScope')];
  const current = currentVersions(views);
  const meant = isNamed
    ? current
    : current
        .filter(({ status }) => status !== 'retired')
        .filter(({ sourceScope }) => from === undefined || sourceScope === from)
        .filter(({ targetScope }) => to === undefined || targetScope === to)
        .sort((one, other) => Number(other.status === 'active') - Number(one.status === 'active'));
  return meant.map(({ url, version }) => canonicalOf(url, version));
}

/** The systems to translate into: the one that is asked for, else those that the maps lead to. */
function targetsOf(
  views: readonly ConceptMapView[],
  {
    context: { inputs },
    coding,
    reverse,
  }: { readonly context: Context; readonly coding: CodingOf; readonly reverse: boolean },
): readonly string[] {
  const asked =
    reverse && inputs.has('targetCode')
      ? inputs.text('sourceSystem', 'system')
      : inputs.text('targetsystem', 'targetSystem');
  if (asked !== undefined) return [asked];
  const groups = views.flatMap((view) => view.groups);
  const systems = groups.flatMap(({ source, target }) => {
    const [from, to] = reverse ? [target, source] : [source, target];
    return (from === undefined || from === coding.system) && to !== undefined ? [to] : [];
  });
  return [...new Set(systems)];
}

function contextOf({ inputs }: Context): TranslationContext {
  const dependencies = inputs.parts('dependency').flatMap((one) => {
    const parts = nodesOf(one, 'part');
    const element = parts.find(({ name }) => name === 'element');
    const concept = parts.find(({ name }) => name === 'concept')?.valueCodeableConcept as
      | Definition
      | undefined;
    const property = element && textOf(element, 'valueUri');
    if (property === undefined) return [];
    return nodesOf(concept, 'coding').flatMap((coding) => {
      const [value, system] = [textOf(coding, 'code'), textOf(coding, 'system')];
      return value === undefined ? [] : [{ property, value, ...(system ? { system } : {}) }];
    });
  });
  return { dependencies };
}

const isStated = ({ isTranslation, why, equivalence }: TranslationMatch): boolean =>
  (isTranslation || (why !== undefined && STATED.has(why))) &&
  equivalence !== 'unmatched' &&
  equivalence !== 'disjoint';

function answerOf(translations: readonly Translation[]): Definition {
  const matches = translations.flatMap((one) => one.matches);
  const isStatedOnly =
    matches.some(isStated) && matches.every((one) => isStated(one) || one.why === 'disjoint');
  const result = matches.some(({ isTranslation }) => isTranslation) || isStatedOnly;
  const reasons = new Set(
    translations.flatMap(({ findings, matches: all }) => [
      ...findings.map(({ rule }) => rule),
      ...all.flatMap(({ why }) => why ?? []),
    ]),
  );
  const unmatched = translations.flatMap((one) => one.unmatched);
  const message = messageOf(result, {
    hasMatches: matches.length > 0,
    reasons: [...reasons],
    isStatedNone: unmatched.length > 0,
  });
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: result },
      ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
      // Where there is an answer, what is for a person to review is not beside it: nothing in a match of R4 tells them apart.
      ...matches.filter((one) => !result || isStated(one) || one.why === 'disjoint').map(matchParameter),
      ...unmatched.map((map) => ({
        name: 'match',
        part: [
          { name: 'equivalence', valueCode: 'unmatched' },
          { name: 'source', valueUri: map },
        ],
      })),
    ],
  };
}

interface Told {
  readonly hasMatches: boolean;
  readonly reasons: readonly TranslationRule[];
  readonly isStatedNone: boolean;
}

function messageOf(result: boolean, { hasMatches, reasons, isStatedNone }: Told): string | undefined {
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  if (result) return reasons.length === 0 ? undefined : `See the notes on the matches${why}`;
  if (hasMatches) return `Only candidates for a person to review${why}`;
  return isStatedNone ? 'The map states that there is no target' : `No map has the code${why}`;
}

function matchParameter({ equivalence, coding, map, products = [] }: TranslationMatch): Definition {
  const { system, version, code, display } = coding;
  return {
    name: 'match',
    part: [
      { name: 'equivalence', valueCode: equivalence },
      {
        name: 'concept',
        valueCoding: { system, ...(version ? { version } : {}), code, ...(display ? { display } : {}) },
      },
      ...products.map((product) => ({
        name: 'product',
        part: [
          ...(product.property === undefined ? [] : [{ name: 'element', valueUri: product.property }]),
          { name: 'concept', valueCoding: product.coding },
        ],
      })),
      { name: 'source', valueUri: map },
    ],
  };
}
