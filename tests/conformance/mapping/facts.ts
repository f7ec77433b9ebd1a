/**
 * What a bundle says, as facts that can be compared: names, identifiers, codes, dates, values, statuses, and how many resources of each
 * type there are. Ids, references, narratives, and extensions of one vendor are no facts.
 */
export interface Fact {
  /** `Patient.name.family`; a choice by its element, `Observation.value`. */
  readonly path: string;
  readonly value: string;
}

type Json = Record<string, unknown>;

const IGNORED_MEMBERS: ReadonlySet<string> = new Set([
  'id',
  'meta',
  'text',
  'reference',
  'fullUrl',
  'display',
  'type@reference',
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
/** Extensions of FHIR and US Core are facts; those of a site are not. */
const STANDARD_EXTENSION = /^http:\/\/hl7\.org\/fhir\//;

export function factsOf(resources: readonly unknown[]): Fact[] {
  const facts: Fact[] = [];
  for (const resource of resources) {
    if (!isObject(resource) || IGNORED_TYPES.has(String(resource.resourceType))) continue;
    const type = String(resource.resourceType);
    facts.push({ path: `${type}()`, value: '1' });
    collect(resource, type, facts);
  }
  return facts;
}

function collect(value: unknown, path: string, into: Fact[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, path, into);
  else if (isObject(value)) collectObject(value, path, into);
  else if (value !== null && value !== undefined) into.push({ path, value: normal(path, String(value)) });
}

function collectObject(object: Json, path: string, into: Fact[]): void {
  for (const [name, inner] of Object.entries(object)) {
    if (name === 'resourceType' || IGNORED_MEMBERS.has(name)) continue;
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

/** The same instant or number written otherwise is the same fact. */
function normal(path: string, value: string): string {
  if (/^\d{4}-\d\d-\d\dT/.test(value)) {
    const at = Date.parse(value);
    if (!Number.isNaN(at)) return new Date(at).toISOString();
  }
  if (/^-?\d+(\.\d+)?$/.test(value)) return String(Number(value));
  if (path.endsWith('.system')) return value.replace(/\.$/, '').toLowerCase();
  return value.trim();
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
  const keyOf = ({ path, value }: Fact) => `${path} ${value}`;
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
