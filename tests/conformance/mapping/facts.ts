import { joinLines } from './lines.ts';
import { asideOf, type Entry, type Json } from './references.ts';

/**
 * What a bundle says, as facts that can be compared: names, identifiers, codes, dates, values, statuses, and how many resources of each
 * type there are. Ids, references, narratives, and extensions of one vendor are no facts.
 */
export interface Fact {
  /** `Patient.name.family`; a choice by its element, `Observation.value`. */
  readonly path: string;
  readonly value: string;
  /** It is said of a resource to which nothing in the chart refers (references.ts). */
  readonly aside?: boolean;
  /** The code of the resource that it is said of: what was observed, ordered, reported. */
  readonly about?: string;
  /** It is said of a resource that has neither name nor number. */
  readonly isNameless?: boolean;
}

const IGNORED_MEMBERS: ReadonlySet<string> = new Set([
  'id',
  'meta',
  'text',
  'reference',
  'fullUrl',
  'display',
  'contained',
  'use',
]);
const IGNORED_TYPES: ReadonlySet<string> = new Set([
  'MessageHeader',
  'Provenance',
  'Bundle',
  'Parameters',
  'OperationOutcome',
]);
/**
 * Resources that are named in passing, and specimens, which stand anew with each order that they are of. One converter states such a resource anew wherever it is named, another once: who names it twice
 * says nothing more, so each fact about them counts once in a bundle, and instead of how many there are it is compared who they are.
 */
const NAMED_TYPES: ReadonlySet<string> = new Set([
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'Location',
  'Device',
  'Specimen',
]);
/** Extensions of FHIR and US Core are facts; those of a site are not. */
const STANDARD_EXTENSION = /^http:\/\/hl7\.org\/fhir\//;

export function factsOf(resources: readonly Entry[]): Fact[] {
  const entries = joinLines(resources);
  const facts: Fact[] = [];
  const named = new Map<string, Fact>();
  const aside = asideOf(entries, NAMED_TYPES);
  for (const entry of entries) {
    const { resource } = entry;
    const type = String(resource.resourceType);
    if (IGNORED_TYPES.has(type)) continue;
    const label = NAMED_TYPES.has(type) ? labelOf(resource, entries) : '1';
    const own: Fact[] = [{ path: `${type}()`, value: label }];
    collect(resource, type, own);
    const [about] = textsOf(resource.code, 'code');
    if (!NAMED_TYPES.has(type)) facts.push(...own.map((fact) => (about ? { ...fact, about } : fact)));
    else
      for (const each of own) {
        const fact = label === '' ? { ...each, isNameless: true } : each;
        const key = keyOf(fact);
        if (!aside.has(entry)) named.set(key, fact);
        else if (!named.has(key)) named.set(key, { ...fact, aside: true });
      }
  }
  return [...facts, ...named.values()];
}

const keyOf = ({ path, value }: Fact): string => `${path} ${value}`;

/** Who a resource is, for people: a name or else a number. A role is its code and who has it. */
function labelOf(resource: Json, entries: readonly Entry[]): string {
  if (resource.resourceType === 'PractitionerRole') {
    const { reference } = (resource.practitioner ?? {}) as { reference?: string };
    const who = entries.find(({ keys }) => reference !== undefined && keys.includes(reference))?.resource;
    const code = textsOf(resource.code, 'code')[0] ?? '';
    return `${code} ${who ? labelOf(who, entries) : ''}`.trim();
  }
  // The same specimen has a number of its own at each order.
  if (resource.resourceType === 'Specimen') return textsOf(resource.type, 'code')[0] ?? '';
  const family = textsOf(resource.name, 'family')[0];
  if (family !== undefined) return [...textsOf(resource.name, 'given'), family].join(' ');
  return typeof resource.name === 'string'
    ? resource.name.trim()
    : (textsOf(resource.identifier, 'value')[0] ?? '');
}

/** Texts of a member, wherever it stands below. */
function textsOf(value: unknown, member: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => textsOf(item, member));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'extension') return [];
    if (name !== member) return textsOf(inner, member);
    return (Array.isArray(inner) ? inner : [inner]).flatMap((one) =>
      typeof one === 'string' ? [one] : textsOf(one, member),
    );
  });
}

function collect(value: unknown, path: string, into: Fact[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, path, into);
  else if (isObject(value)) collectObject(value, path, into);
  else if (value !== null && value !== undefined) into.push({ path, value: normal(path, String(value)) });
}

function collectObject(object: Json, path: string, into: Fact[]): void {
  for (const [name, inner] of Object.entries(object)) {
    if (name === 'resourceType' || IGNORED_MEMBERS.has(name)) continue;
    // `Reference.type` repeats what the reference says; elsewhere `type` is content.
    if (name === 'type' && 'reference' in object) continue;
    if (name === 'extension' || name === 'modifierExtension') {
      for (const one of Array.isArray(inner) ? inner : []) collectExtension(one, path, into);
    } else collect(inner, `${path}.${elementOf(name)}`, into);
  }
}

function collectExtension(extension: unknown, path: string, into: Fact[]): void {
  if (!isObject(extension) || typeof extension.url !== 'string' || !STANDARD_EXTENSION.test(extension.url))
    return;
  const at = `${path}.extension(${extension.url.split('/').at(-1)})`;
  const { url: _url, ...rest } = extension;
  collectObject(rest, at, into);
}

/** `valueQuantity` and `_birthDate` belong to the elements `value` and `birthDate`. */
const elementOf = (name: string): string =>
  name
    .replace(/^_/, '')
    .replace(
      /^(value|effective|onset|performed|deceased|multipleBirth|medication|occurrence|collected|serviced|abatement)[A-Z].*$/,
      '$1',
    );

/** The same instant, number or OID written otherwise is the same fact. */
function normal(path: string, text: string): string {
  // A decimal that keeps its digits (`0.62500`) is carried as a marked text (standards/fhir).
  const value = text.startsWith('\0#') ? text.slice(2) : text;
  if (/^\d{4}-\d\d-\d\dT/.test(value)) {
    const at = Date.parse(value);
    if (!Number.isNaN(at)) return new Date(at).toISOString();
  }
  // FHIR's us-ssn has no dashes.
  if (/^\d{3}-\d\d-\d{4}$/.test(value)) return String(Number(value.replaceAll('-', '')));
  if (/^-?\d+(\.\d+)?$/.test(value)) return String(Number(value));
  if (path.endsWith('.system')) return value.replace(/[./]$/, '').toLowerCase();
  return value.trim().replace(/^urn:(oid|uuid):/, '');
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Agreement {
  readonly agreed: number;
  /** What they say and we do not; with the same path and another value of ours, where there is one. */
  readonly theirs: readonly Fact[];
  /** What we say and they do not. */
  readonly ours: readonly Fact[];
}

/** As multisets: a fact that they state twice is two. */
export function compare(theirs: readonly Fact[], ours: readonly Fact[]): Agreement {
  const left = new Map<string, number>();
  for (const fact of ours) left.set(keyOf(fact), (left.get(keyOf(fact)) ?? 0) + 1);
  const missing: Fact[] = [];
  let agreed = 0;
  for (const fact of theirs) {
    const count = left.get(keyOf(fact)) ?? 0;
    if (count === 0) missing.push(fact);
    else {
      agreed += 1;
      left.set(keyOf(fact), count - 1);
    }
  }
  const surplus = ours.filter((fact) => {
    const count = left.get(keyOf(fact)) ?? 0;
    if (count > 0) left.set(keyOf(fact), count - 1);
    return count > 0;
  });
  return { agreed, theirs: missing, ours: surplus };
}
