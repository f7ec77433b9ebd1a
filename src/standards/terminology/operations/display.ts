import { nodeOf, nodesOf, textOf } from '../node.ts';
import type { CodeSystemView, Concept, Definition, Designation } from '../types.ts';

/** Languages that are asked for, best first (BCP 47; of Accept-Language the weights decide). */
export function languagesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const weighted = text.split(',').map((part, at) => {
    const [tag = '', ...rest] = part.trim().split(';');
    const q = rest.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find((one) => one !== undefined);
    return { tag: tag.trim(), q: q === undefined ? 1 : Number(q), at };
  });
  return weighted
    .filter(({ tag, q }) => /^[A-Za-z0-9-]{1,35}$/.test(tag) && q > 0)
    .sort((one, other) => other.q - one.q || one.at - other.at)
    .map(({ tag }) => tag);
}

const PARAMETERS = [
  'http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter',
  'http://hl7.org/fhir/tools/StructureDefinition/valueset-expansion-parameter',
  'http://hl7.org/fhir/tools/StructureDefinion/valueset-expansion-parameter',
];

/** The languages of the request; without any those that the value set wants to be expanded in, else its own. */
export function languagesFor(asked: string | undefined, valueSet: Definition): readonly string[] {
  const isName = ({ url, valueCode, valueString }: Definition) =>
    url === 'name' && (valueCode ?? valueString) === 'displayLanguage';
  const wanted = nodesOf(nodeOf(valueSet, 'compose'), 'extension')
    .filter(({ url }) => PARAMETERS.some((one) => one === url))
    .map((one) => nodesOf(one, 'extension'))
    .find((parts) => parts.some(isName));
  const value = wanted?.find(({ url }) => url === 'value');
  const stated = value && (textOf(value, 'valueCode') ?? textOf(value, 'valueString'));
  return languagesOf(asked ?? stated ?? textOf(valueSet, 'language'));
}

/** `en` is met by `en` and `en-US`. */
export const isIn = (asked: string, language: string | undefined): boolean => {
  if (language === undefined) return false;
  const [wanted, is] = [asked.toLowerCase(), language.toLowerCase()];
  return is === wanted || is.startsWith(`${wanted}-`);
};

export interface Text {
  readonly value: string;
  readonly language?: string;
}

/** Every text that names a concept: its display, in the language of the code system, and its designations. */
export function textsOf(
  { display, designations }: Concept,
  view: CodeSystemView,
  more: readonly Designation[] = [],
): readonly Text[] {
  const language = view.language === undefined ? {} : { language: view.language };
  const own = display === undefined ? [] : [{ value: display, ...language }];
  const others = [...designations, ...more].map((one) => ({
    value: one.value,
    ...(one.language === undefined ? {} : { language: one.language }),
  }));
  return [...own, ...others];
}

const UNNAMED: ReadonlySet<string> = new Set(['display', 'preferredForLanguage', '900000000000013009']);

/** The text to show: in the best language asked for that there is, else the display. */
export function displayIn(
  languages: readonly string[],
  {
    concept,
    own,
    designations = [],
  }: {
    readonly concept: Concept;
    readonly own: string | undefined;
    readonly designations?: readonly Designation[];
  },
): string | undefined {
  for (const language of languages) {
    if (isIn(language, own)) return concept.display;
    const meant = [...designations, ...concept.designations].filter((one) => isIn(language, one.language));
    const found = meant.find(({ use }) => use === undefined || UNNAMED.has(use.code));
    if (found) return found.value;
  }
  return concept.display;
}
