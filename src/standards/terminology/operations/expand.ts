import { type Entry, entriesOf, totalOf } from '../compose/enumerate.ts';
import { type Compose, composeOf } from '../compose/model.ts';
import { TerminologyError } from '../errors.ts';
import { canonicalOf, extensionsOf, nodesOf, textOf } from '../node.ts';
import type { Definition } from '../types.ts';
import { containsOf, type Shape } from './contains.ts';
import { type Ask, Context } from './context.ts';
import { languagesFor } from './display.ts';
import { unknownValueSet } from './messages.ts';

/** Codes that are listed at once, and that are gone through to find a page and count the rest. */
const MAX_LISTED = 10_000;
const MAX_VISITED = 200_000;
const SUPPLEMENT = 'http://hl7.org/fhir/StructureDefinition/valueset-supplement';

/** What of ValueSet the expansion shows beside it. */
const KEPT = [
  'resourceType',
  'id',
  'meta',
  'extension',
  'url',
  'identifier',
  'version',
  'name',
  'title',
  'status',
  'experimental',
  'date',
  'publisher',
  'language',
];

interface Expanded {
  readonly entries: readonly Entry[];
  readonly total: number | undefined;
}

/**
 * ValueSet/$expand (R4 valueset-operation-expand.html) of `url` or `valueSet`: the value set with its expansion. Identifier and timestamp of the expansion are given by who
 * serves it. Throws TerminologyError: not-found, too-costly for more than 10,000 codes that are not asked for in pages, and what Context and filters throw.
 */
export async function expand(ask: Ask): Promise<Definition> {
  const definition = await valueSetOf(new Context(ask));
  const supplements = extensionsOf(definition, SUPPLEMENT).flatMap(
    (one) => textOf(one, 'valueCanonical') ?? [],
  );
  const context = new Context(ask, supplements);
  const { inputs } = context;
  const [offset, count] = [inputs.count('offset'), inputs.count('count')];
  const compose = composeOf(definition);
  const { entries, total } = await collected(compose, context, { offset: offset ?? 0, count });
  context.checkSupplements();
  const shape: Shape = {
    context,
    compose,
    languages: languagesFor(inputs.text('displayLanguage'), definition),
    isNested: inputs.flag('excludeNested') !== true && offset === undefined && count === undefined,
    hasDesignations: inputs.flag('includeDesignations') === true,
    properties: inputs.texts('property'),
  };
  const { contains, extension } = await containsOf(entries, shape);
  const withDefinition = inputs.flag('includeDefinition') === true;
  return {
    ...Object.fromEntries(
      Object.entries(definition).filter(
        ([name]) => KEPT.includes(name) || (withDefinition && name !== 'expansion'),
      ),
    ),
    expansion: {
      ...(extension.length > 0 ? { extension } : {}),
      ...(total === undefined ? {} : { total }),
      ...(offset === undefined ? {} : { offset }),
      parameter: parametersOf(context),
      ...(contains.length > 0 ? { contains } : {}),
    },
  };
}

/** The value set that is meant, sent along or by canonical. */
export async function valueSetOf(context: Context): Promise<Definition> {
  const { inputs } = context;
  const sent = inputs.resource('valueSet');
  if (sent) {
    if (sent.resourceType !== 'ValueSet')
      throw new TerminologyError('invalid', 'The parameter valueSet is a ValueSet');
    return sent;
  }
  const asked = inputs.canonical('url', 'valueSetVersion');
  if (!asked) throw new TerminologyError('required', 'One of url and valueSet is needed');
  const canonical = canonicalOf(asked.url, asked.version);
  const found = await context.valueSet(canonical);
  if (!found) throw new TerminologyError('not-found', unknownValueSet(canonical), { detail: 'not-found' });
  return found;
}

/** A page of the codes and, as far as they can be gone through, how many there are. */
async function collected(
  compose: Compose,
  context: Context,
  { offset, count }: { readonly offset: number; readonly count: number | undefined },
): Promise<Expanded> {
  const { inputs } = context;
  const text = inputs.text('filter');
  if (isStored(compose)) return collectedFrom(compose.definition, { offset, count });
  const entries: Entry[] = [];
  let visited = 0;
  const options = {
    context,
    isActiveOnly: inputs.flag('activeOnly') === true,
    ...(text === undefined ? {} : { text }),
  };
  for await (const entry of entriesOf(compose, options)) {
    if (entries.length === count) {
      const total = await totalOf(compose, options, MAX_VISITED);
      if (total !== undefined) return { entries, total: total < MAX_VISITED ? total : undefined };
    }
    if (visited >= offset && (count === undefined || entries.length < count)) entries.push(entry);
    visited += 1;
    if (entries.length > MAX_LISTED) throw tooCostly();
    if (visited < MAX_VISITED) continue;
    if (entries.length < (count ?? 0)) throw tooCostly();
    return { entries, total: undefined };
  }
  return { entries, total: visited };
}

const tooCostly = (): TerminologyError =>
  new TerminologyError(
    'too-costly',
    `The value set has too many codes to list: ask for pages, or filter; at most ${MAX_LISTED} at once`,
    { detail: 'too-costly' },
  );

/** A value set that has codes and no definition, as others expanded it. */
const isStored = ({ definition, includes }: Compose): boolean =>
  includes.length === 0 && nodesOf(definition.expansion as Definition | undefined, 'contains').length > 0;

function collectedFrom(
  { expansion }: Definition,
  { offset, count }: { readonly offset: number; readonly count: number | undefined },
): Expanded {
  const all: Entry[] = [];
  const open = [...nodesOf(expansion as Definition, 'contains')].reverse();
  for (let node = open.pop(); node; node = open.pop()) {
    open.push(...[...nodesOf(node, 'contains')].reverse());
    const [system, code, display, version] = [
      textOf(node, 'system'),
      textOf(node, 'code'),
      textOf(node, 'display'),
      textOf(node, 'version'),
    ];
    if (system === undefined || code === undefined) continue;
    all.push({
      system,
      ...(version ? { version } : {}),
      concept: {
        ...{
          code,
          ...(display ? { display } : {}),
          isActive: node.inactive !== true,
          isAbstract: node.abstract === true,
        },
        ...{ designations: [], properties: [], parents: [] },
      },
      isNested: false,
    });
  }
  if (count === undefined && all.length > MAX_LISTED) throw tooCostly();
  return { entries: all.slice(offset, count === undefined ? undefined : offset + count), total: all.length };
}

const ECHOED_FLAGS = ['activeOnly', 'excludeNested', 'includeDesignations', 'includeDefinition'] as const;

/** What was asked and what was used (R4 ValueSet.expansion.parameter). */
function parametersOf(context: Context): readonly Definition[] {
  const { inputs } = context;
  const flags = ECHOED_FLAGS.flatMap((name) => {
    const value = inputs.flag(name);
    return value === undefined ? [] : [{ name, valueBoolean: value }];
  });
  const counts = (['offset', 'count'] as const).flatMap((name) => {
    const value = inputs.count(name);
    return value === undefined ? [] : [{ name, valueInteger: value }];
  });
  const [filter, language] = [inputs.text('filter'), inputs.text('displayLanguage')];
  const uris = (name: string, values: Iterable<string>) =>
    [...values].map((valueUri) => ({ name, valueUri }));
  return [
    ...flags,
    ...counts,
    ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
    ...(language === undefined ? [] : [{ name: 'displayLanguage', valueCode: language }]),
    ...[...context.usedVersionRules].flatMap((rule) =>
      uris(rule.slice(0, rule.indexOf('=')), [rule.slice(rule.indexOf('=') + 1)]),
    ),
    ...uris('used-codesystem', context.usedSystems),
    ...uris('used-valueset', context.usedValueSets),
    ...uris('used-supplement', context.usedSupplements),
  ];
}
