import { isObject, type JsonObject, listOf } from '../json.ts';
import type { Report } from '../report.ts';

/** What a document carries along with its Composition (R4 documents.html#bundle), and where in it. */
const CARRIED: readonly (readonly [element: string, child?: string])[] = [
  ['subject'],
  ['encounter'],
  ['author'],
  ['attester', 'party'],
  ['custodian'],
];
const CARRIED_OF_SECTION: readonly string[] = ['author', 'focus', 'entry'];
const REST_BASE = /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;
const MAX_SECTIONS_DEPTH = 32;

/** A document Bundle begins with a Composition, and what that refers to is in the Bundle. The report stands at the Bundle. */
export function checkDocument(
  report: Report,
  bundle: JsonObject,
  fullUrls: ReadonlyMap<string, unknown>,
): void {
  const [first] = listOf(bundle.entry);
  if (!isObject(first) || !isObject(first.resource) || first.resource.resourceType !== 'Composition') return;
  const base = typeof first.fullUrl === 'string' ? REST_BASE.exec(first.fullUrl)?.[1] : undefined;
  const look = (reference: unknown, place: string): void => {
    if (!isObject(reference) || typeof reference.reference !== 'string') return;
    if (!isCarried(reference.reference, base, fullUrls))
      report.error(
        'not-found',
        'a document carries what its Composition refers to',
        `entry[0].resource.${place}`,
      );
  };
  const composition = first.resource;
  for (const [element, child] of CARRIED)
    for (const [place, value] of placed(composition, element))
      if (child === undefined) look(value, place);
      else if (isObject(value)) look(value[child], `${place}.${child}`);
  checkSections({ look, section: composition, prefix: '', depth: 0 });
}

interface Sections {
  readonly look: (reference: unknown, place: string) => void;
  readonly section: JsonObject;
  readonly prefix: string;
  readonly depth: number;
}

function checkSections({ look, section: outer, prefix, depth }: Sections): void {
  if (depth > MAX_SECTIONS_DEPTH) return;
  for (const [place, section] of placed(outer, 'section')) {
    if (!isObject(section)) continue;
    for (const element of CARRIED_OF_SECTION)
      for (const [inner, value] of placed(section, element)) look(value, `${prefix}${place}.${inner}`);
    checkSections({ look, section, prefix: `${prefix}${place}.`, depth: depth + 1 });
  }
}

const placed = (owner: JsonObject, name: string): (readonly [string, unknown])[] => {
  const value = owner[name];
  if (Array.isArray(value)) return value.map((item, index) => [`${name}[${index}]`, item] as const);
  return value === undefined ? [] : [[name, value]];
};

/** R4 bundle.html#references: a relative reference is completed by the fullUrl of the entry that it stands in, if that is of a server. */
function isCarried(
  literal: string,
  base: string | undefined,
  fullUrls: ReadonlyMap<string, unknown>,
): boolean {
  const [reference = ''] = literal.split('/_history/');
  if (reference.startsWith('#')) return true;
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(reference)) return fullUrls.has(reference);
  return base !== undefined && fullUrls.has(`${base}${reference}`);
}
