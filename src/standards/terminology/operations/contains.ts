import { decimalOf } from '../../fhir/index.ts';
import type { Entry } from '../compose/enumerate.ts';
import type { Compose } from '../compose/model.ts';
import type { CodeSystemView, ConceptProperty, Definition, Designation } from '../types.ts';
import { rolesOf } from '../views/concepts.ts';
import type { Context } from './context.ts';
import { displayIn } from './display.ts';

/** How an expansion is to look. */
export interface Shape {
  readonly context: Context;
  readonly compose: Compose;
  /** Best first. */
  readonly languages: readonly string[];
  readonly isNested: boolean;
  readonly hasDesignations: boolean;
  /** Properties that are asked for. */
  readonly properties: readonly string[];
}

/** R5 has elements for properties in an expansion; R4 has these extensions for them (hl7.fhir.uv.xver). */
const R5 = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion';
const CONCEPT_PROPERTIES = 'http://hl7.org/fhir/concept-properties#';

type Contains = { -readonly [element in keyof Definition]: Definition[element] } & { contains?: Contains[] };

/** R4 ValueSet.expansion.contains, and the extensions of the expansion that say what its properties are. */
export async function containsOf(
  entries: readonly Entry[],
  shape: Shape,
): Promise<{ readonly contains: readonly Definition[]; readonly extension: readonly Definition[] }> {
  const views = await viewsOf(entries, shape.context);
  const versions = new Map<string, Set<string | undefined>>();
  for (const { system, version } of entries)
    versions.set(system, (versions.get(system) ?? new Set()).add(version));
  const shown = new Map<string, string>();
  const made = entries.map((entry) => {
    const view = views.get(keyOf(entry));
    const isMixed = (versions.get(entry.system)?.size ?? 0) > 1 || namesVersions(shape.compose, entry.system);
    return { entry, node: nodeOf(entry, { view, isMixed, shape, shown }) };
  });
  return {
    contains: shape.isNested ? nested(made) : made.map(({ node }) => node),
    extension: [...shown].map(([code, uri]) => ({
      extension: [
        { url: 'code', valueCode: code },
        { url: 'uri', valueUri: uri },
      ],
      url: `${R5}.property`,
    })),
  };
}

/** The value set is about several versions, even where a parameter makes them one. */
const namesVersions = ({ includes }: Compose, system: string): boolean =>
  new Set(includes.flatMap((one) => (one.system === system ? [one.version] : []))).size > 1;

const keyOf = ({ system, version }: Entry): string => `${system}|${version ?? ''}`;

async function viewsOf(
  entries: readonly Entry[],
  context: Context,
): Promise<ReadonlyMap<string, CodeSystemView>> {
  const views = new Map<string, CodeSystemView>();
  for (const entry of entries) {
    if (views.has(keyOf(entry))) continue;
    const { view } = await context.codeSystem(entry.system, entry.version);
    if (view) views.set(keyOf(entry), view);
  }
  return views;
}

interface Making {
  readonly view: CodeSystemView | undefined;
  /** The value set has codes of several versions of the code system. */
  readonly isMixed: boolean;
  readonly shape: Shape;
  /** Properties that are shown, with what they mean. */
  readonly shown: Map<string, string>;
}

function nodeOf(
  { system, version, concept, listed }: Entry,
  { view, isMixed, shape, shown }: Making,
): Contains {
  const display =
    shape.languages.length === 0
      ? (listed?.display ?? concept.display)
      : displayIn(shape.languages, {
          concept: listed?.display === undefined ? concept : { ...concept, display: listed.display },
          own: view?.language,
          designations: listed?.designations ?? [],
        });
  const properties = propertiesOf(concept, { view, shape });
  for (const { code, uri } of properties) shown.set(code, uri);
  const designations = shape.hasDesignations
    ? [...(listed?.designations ?? []), ...concept.designations]
    : [];
  return {
    ...(properties.length > 0 ? { extension: properties.map(asExtension) } : {}),
    system,
    ...(concept.isAbstract ? { abstract: true } : {}),
    ...(concept.isActive ? {} : { inactive: true }),
    ...(isMixed && version !== undefined ? { version } : {}),
    code: concept.code,
    ...(display === undefined ? {} : { display }),
    ...(designations.length > 0 ? { designation: designations.map(asDesignation) } : {}),
  };
}

interface Shown {
  readonly code: string;
  readonly uri: string;
  readonly property: ConceptProperty;
}

/** What was asked for; and the status of what is no longer in use, whether or not it was. */
function propertiesOf(
  concept: Entry['concept'],
  { view, shape }: Pick<Making, 'view' | 'shape'>,
): readonly Shown[] {
  const roles = rolesOf(view?.properties ?? []);
  const found: Shown[] = concept.properties.flatMap((property) => {
    const isStatus = roles.get(property.code) === 'status';
    if (!isStatus && !shape.properties.includes(property.code)) return [];
    const declared = view?.properties.find(({ code }) => code === property.code)?.uri;
    return [{ code: property.code, uri: declared ?? `${CONCEPT_PROPERTIES}${property.code}`, property }];
  });
  if (!shape.properties.includes('definition') || concept.definition === undefined) return found;
  const property: ConceptProperty = { code: 'definition', type: 'string', value: concept.definition };
  return [...found, { code: 'definition', uri: `${CONCEPT_PROPERTIES}definition`, property }];
}

const asExtension = ({ code, property }: Shown): Definition => ({
  extension: [
    { url: 'code', valueCode: code },
    { url: 'value', ...propertyValue(property) },
  ],
  url: `${R5}.contains.property`,
});

/** As `value[x]`. */
export function propertyValue({ type, value }: ConceptProperty): Definition {
  switch (type) {
    case 'boolean':
      return { valueBoolean: value === 'true' };
    case 'integer':
      return { valueInteger: Number(value) };
    case 'decimal':
      return { valueDecimal: decimalOf(value) ?? value };
    case 'dateTime':
      return { valueDateTime: value };
    case 'code':
      return { valueCode: value };
    case 'Coding': {
      const [system = '', code = ''] = value.split('|');
      return { valueCoding: { ...(system ? { system } : {}), code } };
    }
    default:
      return { valueString: value };
  }
}

export const asDesignation = ({ language, use, value }: Designation): Definition => ({
  ...(language ? { language } : {}),
  ...(use ? { use } : {}),
  value,
});

/** Each below the first of its parents that is there before it; where there is none, at the top. */
function nested(made: readonly { readonly entry: Entry; readonly node: Contains }[]): readonly Definition[] {
  const placed = new Map<string, Contains>();
  const roots: Contains[] = [];
  for (const { entry, node } of made) placed.set(placeOf(entry, entry.concept.code), node);
  const above = new Map<Contains, Contains>();
  for (const { entry, node } of made) {
    const parent = entry.isNested
      ? entry.concept.parents
          .map((code) => placed.get(placeOf(entry, code)))
          .find((one) => one && !isBelow(one, node, above))
      : undefined;
    if (!parent) {
      roots.push(node);
      continue;
    }
    above.set(node, parent);
    parent.contains ??= [];
    parent.contains.push(node);
  }
  return roots;
}

const placeOf = ({ system, version, isNested }: Entry, code: string): string =>
  JSON.stringify([system, version, isNested, code]);

/** In a hierarchy that runs in circles a parent may stand below its child already. */
function isBelow(one: Contains, node: Contains, above: ReadonlyMap<Contains, Contains>): boolean {
  for (let at: Contains | undefined = one; at; at = above.get(at)) if (at === node) return true;
  return false;
}
