import type { TranslationMatch } from '../../../standards/terminology/index.ts';
import type { Content } from './walk.ts';

/**
 * On a coding that was added beside the sender's, and on a quantity whose unit was translated: by which concept map (`map`, canonical with
 * version), how near it comes (`equivalence`), under which name (`translation`), and of a quantity what stood there before (`source`).
 */
const EXTENSION = 'urn:isthmus:extension:translation';

/** A translation as it is added: made once, and shared by all resources. */
export interface Added {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  readonly version?: string;
  readonly map: string;
  readonly equivalence: string;
}

/** Targets that are wider than the code are so without what a map says of other elements too. */
const WIDER: ReadonlySet<string> = new Set(['wider', 'subsumes']);

/**
 * What is added of a match: its coding, and those that belong beside it in the same element (SNOMED CT's maps give one for each group). Nothing of a match
 * that is only right together with another element, which nobody sets (R4 ConceptMap.group.element.target.product).
 */
export function addedOf({ coding, map, equivalence, products = [] }: TranslationMatch): readonly Added[] {
  const beside = products.filter(({ property }) => property === undefined);
  if (beside.length < products.length && !WIDER.has(equivalence)) return [];
  return [coding, ...beside.map((product) => product.coding)].map(({ system, version, code, display }) => ({
    ...{ system, code, map, equivalence },
    ...(version === undefined ? {} : { version }),
    ...(display === undefined ? {} : { display }),
  }));
}

const extensionOf = (name: string, { map, equivalence }: Added, more: readonly object[] = []): object => ({
  extension: [
    { url: 'map', valueCanonical: map },
    { url: 'equivalence', valueCode: equivalence },
    { url: 'translation', valueString: name },
    ...more,
  ],
  url: EXTENSION,
});

/** The coding that stands beside the sender's. */
const codingOf = (name: string, added: Added): Content => {
  const { system, version, code, display } = added;
  return {
    extension: [extensionOf(name, added)],
    system,
    ...(version === undefined ? {} : { version }),
    code,
    ...(display === undefined ? {} : { display }),
  };
};

/** The sender's codings stay first, as they are. */
export function withCodings(concept: Content, name: string, added: readonly Added[]): Content {
  if (added.length === 0) return concept;
  const codings = Array.isArray(concept.coding) ? concept.coding : [];
  return { ...concept, coding: [...codings, ...added.map((one) => codingOf(name, one))] };
}

/** The unit as it was sent stays in `unit`; a code that stood there, in the extension. */
export function withUnit(quantity: Content, name: string, added: Added): Content {
  const { system, code, extension } = quantity;
  const source =
    system === undefined && code === undefined
      ? []
      : [
          {
            url: 'source',
            valueCoding: {
              ...(system === undefined ? {} : { system }),
              ...(code === undefined ? {} : { code }),
            },
          },
        ];
  const before = Array.isArray(extension) ? extension : [];
  return {
    ...quantity,
    system: added.system,
    code: added.code,
    extension: [...before, extensionOf(name, added, source)],
  };
}

/** The concept as it was before anything was added under this name; the same object where nothing was. */
export function withoutCodings(concept: Content, name: string): Content {
  const { coding, ...rest } = concept;
  if (!Array.isArray(coding)) return concept;
  const own = coding.filter((one: unknown) => !isAddedBy(one, name));
  if (own.length === coding.length) return concept;
  return own.length === 0 ? rest : { ...concept, coding: own };
}

/** The quantity as it was before its unit was translated under this name. */
export function withoutUnit(quantity: Content, name: string): Content {
  const { extension, system: _system, code: _code, ...rest } = quantity;
  if (!Array.isArray(extension)) return quantity;
  const own = extension.find((one: unknown) => isOf(one, name));
  if (own === undefined) return quantity;
  const others = extension.filter((one: unknown) => one !== own);
  const source = partsOf(own).find(({ url }) => url === 'source')?.valueCoding;
  return {
    ...rest,
    ...(isObject(source) ? source : {}),
    ...(others.length > 0 ? { extension: others } : {}),
  };
}

const isAddedBy = (coding: unknown, name: string): boolean =>
  isObject(coding) && Array.isArray(coding.extension) && coding.extension.some((one) => isOf(one, name));

const isOf = (extension: unknown, name: string): boolean =>
  isObject(extension) &&
  extension.url === EXTENSION &&
  partsOf(extension).some(({ url, valueString }) => url === 'translation' && valueString === name);

const partsOf = (extension: unknown): readonly Content[] =>
  isObject(extension) && Array.isArray(extension.extension) ? extension.extension.filter(isObject) : [];

const isObject = (value: unknown): value is Content => typeof value === 'object' && value !== null;
