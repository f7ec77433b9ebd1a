import type { Standing } from '../write/patch.ts';
import type { Content } from '../write/slot.ts';
import { canonical, groupOf, itemKey, listOf, withoutId } from './items.ts';

/** A source patient of a person, with what its source says. Pure data. */
export interface Member {
  readonly id: string;
  /** Absent for the id of a resource that a system handed in, which is no number that people know. */
  readonly number?: { readonly system: string; readonly value: string };
  readonly isRetired: boolean;
  readonly statement?: Standing;
}

export interface PersonView {
  readonly id: string;
  readonly members: readonly Member[];
  /** Persons of whom this may be another number. */
  readonly duplicates: readonly string[];
}

/** On a Patient of whom a review says that it may be the same as another (link `seealso`). */
export const DUPLICATE_TAG = { system: 'urn:isthmus:identity', code: 'possible-duplicate' } as const;

/**
 * The enterprise Patient, by the declared rules of survivorship (docs/design/identity.md, "Survivorship"). Pure, and the same whatever the order of the members:
 * statements are read, never changed.
 */
export function composePerson(person: PersonView): Content {
  const saying = person.members.flatMap((member) =>
    member.statement ? [{ ...member, statement: member.statement }] : [],
  );
  const ranked = [...saying].sort(byWeight);
  const isAlone = ranked.length === 1;
  const told = isAlone ? ranked : ranked.map(withOwnContained);
  const content: Content = { resourceType: 'Patient', id: person.id };
  for (const name of elementsOf(told)) {
    const value = LISTS.has(name) ? mergedList(name, told) : survivor(name, told);
    Object.assign(content, LISTS.has(name) ? { [name]: value } : value);
  }
  const only = isAlone ? ranked[0]?.statement.content : undefined;
  if (only?.text !== undefined) content.text = only.text;
  put(content, 'identifier', identifiersOf(person.members, told));
  put(content, 'link', linksOf(person, told));
  const meta = metaOf(person, told);
  if (meta) content.meta = meta;
  return content;
}

/** What is published of a source patient whose chart is another's: where it leads, and nothing of what the source says. */
export function composeReplaced(source: string, person: string, statement: Standing | undefined): Content {
  const security = labelsOf(statement).security;
  return {
    resourceType: 'Patient',
    id: source,
    ...(security === undefined ? {} : { meta: { security } }),
    active: false,
    link: [linkTo(person, 'replaced-by')],
  };
}

type Saying = Member & { readonly statement: Standing };

/** Items of all sources, each once. What is neither here nor below is one source's, as a whole. */
const LISTS: ReadonlySet<string> = new Set([
  'name',
  'telecom',
  'address',
  'contact',
  'communication',
  'generalPractitioner',
  'photo',
  'contained',
]);
/** Made by rules of their own. */
const APART: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'text', 'identifier', 'link']);

/** Owners before copies, numbers in use before retired ones, the newest first, the fuller first; then by id, so that the order is one. */
function byWeight(one: Saying, other: Saying): number {
  return (
    weigh(other.statement.stated, one.statement.stated) ||
    weigh(one.isRetired, other.isRetired) ||
    other.statement.eventTime - one.statement.eventTime ||
    Object.keys(other.statement.content).length - Object.keys(one.statement.content).length ||
    compare(one.id, other.id)
  );
}

const weigh = (one: boolean, other: boolean): number => Number(one) - Number(other);
const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const elementsOf = (told: readonly Saying[]): Set<string> =>
  new Set(
    told
      .flatMap(({ statement }) => Object.keys(statement.content).map(groupOf))
      .filter((name) => !APART.has(name)),
  );

function mergedList(name: string, told: readonly Saying[]): unknown[] {
  const items = new Map<string, unknown>();
  for (const { statement } of told) {
    for (const item of listOf(statement.content[name])) {
      // The id of a contained resource is what leads to it.
      const isNamed = told.length === 1 || name === 'contained';
      const key = isNamed ? canonical(item) : itemKey(name, item);
      if (!items.has(key)) items.set(key, isNamed ? item : withoutId(item));
    }
  }
  return [...items.values()];
}

/** The keys of a group and their values, from the one source that prevails. */
function survivor(name: string, told: readonly Saying[]): Content {
  if (name === 'extension' || name === 'modifierExtension') return { [name]: byUrl(name, told) };
  const candidates = told.flatMap((one, rank) => {
    const said = saidOf(name, one.statement.content);
    return said ? [{ said, rank, one, time: timeOf(name, one.statement), worth: worthOf(name, said) }] : [];
  });
  candidates.sort(
    (a, b) =>
      weigh(b.one.statement.stated, a.one.statement.stated) ||
      weigh(a.one.isRetired, b.one.isRetired) ||
      b.worth - a.worth ||
      b.time - a.time ||
      a.rank - b.rank,
  );
  return candidates[0]?.said ?? {};
}

function saidOf(name: string, content: Content): Content | undefined {
  const keys = Object.keys(content).filter((key) => groupOf(key) === name);
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, content[key]]));
}

/** What is worth more whenever it was said: a whole date more than a year, a sex more than "unknown", in use more than not. */
function worthOf(name: string, said: Content): number {
  const value = said[name];
  if (name === 'birthDate') return typeof value === 'string' ? value.length : 0;
  if (name === 'gender') return value === 'unknown' ? 0 : 1;
  return name === 'active' ? Number(value === true) : 0;
}

/** When the source last spoke of an element (see slot.ts for the names of slots). */
function timeOf(name: string, { times }: Standing): number {
  const spoken = Object.entries(times.slots).filter(
    ([slot]) => groupOf(slot.replace(/[@.[].*$/, '')) === name,
  );
  return spoken.length === 0 ? times.base : Math.max(...spoken.map(([, time]) => time));
}

/** All extensions of one url are one source's: race is stated as a whole. */
function byUrl(name: string, told: readonly Saying[]): unknown[] {
  const urls = new Map<string, unknown[]>();
  for (const { statement } of told) {
    const own = new Map<string, unknown[]>();
    for (const item of listOf(statement.content[name])) {
      const url = String((item as { url?: unknown } | null)?.url ?? '');
      own.set(url, [...(own.get(url) ?? []), told.length === 1 ? item : withoutId(item)]);
    }
    for (const [url, items] of own) if (!urls.has(url)) urls.set(url, items);
  }
  return [...urls.values()].flat();
}

/** Every number by which the person is known; a retired one is `old`. */
function identifiersOf(members: readonly Member[], told: readonly Saying[]): unknown[] {
  const retired = new Set([
    ...members.flatMap(({ isRetired, number }) => (isRetired && number ? [keyOf(number)] : [])),
    ...replacedNumbers(told),
  ]);
  const items = new Map<string, unknown>();
  for (const item of mergedList('identifier', told)) {
    const key = itemKey('identifier', item);
    items.set(key, retired.has(key) ? { ...(item as object), use: 'old' } : item);
  }
  const known = [...members].sort(
    (one, other) => weigh(one.isRetired, other.isRetired) || compare(one.id, other.id),
  );
  for (const { number, isRetired } of known) {
    if (number && !items.has(keyOf(number)))
      items.set(keyOf(number), isRetired ? { use: 'old', ...number } : { ...number });
  }
  return [...items.values()];
}

/** Of a retired patient who has no number of its own: what it states, where one in use states another number of the same system in its place. */
function replacedNumbers(told: readonly Saying[]): string[] {
  const numbersOf = (one: Saying) =>
    listOf(one.statement.content.identifier).flatMap((item) => {
      const { system, value } = (item ?? {}) as { readonly system?: unknown; readonly value?: unknown };
      return typeof system === 'string' && typeof value === 'string' ? [{ system, value }] : [];
    });
  const inUse = told.filter(({ isRetired }) => !isRetired).flatMap(numbersOf);
  const stated = new Set(inUse.map(keyOf));
  return told
    .filter(({ isRetired, number }) => isRetired && !number)
    .flatMap(numbersOf)
    .filter((one) => !stated.has(keyOf(one)) && inUse.some(({ system }) => system === one.system))
    .map(keyOf);
}

const keyOf = (number: { readonly system: string; readonly value: string }): string =>
  itemKey('identifier', number);

const linkTo = (patient: string, type: string) => ({ other: { reference: `Patient/${patient}` }, type });

function linksOf(person: PersonView, told: readonly Saying[]): unknown[] {
  const members = person.members.map(({ id }) => id);
  const made = [
    ...members.filter((id) => id !== person.id).map((id) => linkTo(id, 'replaces')),
    ...person.duplicates.map((id) => linkTo(id, 'seealso')),
  ].sort((one, other) => compare(canonical(one), canonical(other)));
  const within = new Set(members.map((id) => `Patient/${id}`));
  const own = mergedList('link', told).filter(
    (link) => !within.has(String((link as { other?: { reference?: unknown } } | null)?.other?.reference)),
  );
  const keys = new Set(own.map(canonical));
  return [...own, ...made.filter((link) => !keys.has(canonical(link)))];
}

/** Every label that any source put on its patient, so that none is opened by a link. */
function metaOf({ duplicates }: PersonView, told: readonly Saying[]): Content | undefined {
  const meta: Content = {};
  for (const name of ['profile', 'security', 'tag']) {
    const items = new Map<string, unknown>();
    for (const { statement } of told)
      for (const item of listOf(labelsOf(statement)[name])) items.set(canonical(item), item);
    if (name === 'tag' && duplicates.length > 0) items.set(canonical(DUPLICATE_TAG), DUPLICATE_TAG);
    if (items.size > 0) meta[name] = [...items.values()];
  }
  return Object.keys(meta).length === 0 ? undefined : meta;
}

function labelsOf(statement: Standing | undefined): Content {
  const meta = statement?.content.meta;
  return typeof meta === 'object' && meta !== null ? (meta as Content) : {};
}

/** Contained resources are named within their resource; those of several sources keep apart by their source. */
function withOwnContained(one: Saying, rank: number): Saying {
  const { content } = one.statement;
  if (!Array.isArray(content.contained)) return one;
  const names = new Set(content.contained.map((each: { id?: unknown } | null) => each?.id).filter(isText));
  return {
    ...one,
    statement: { ...one.statement, content: renamed(content, names, `s${rank + 1}-`) as Content },
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';

function renamed(value: unknown, names: ReadonlySet<string>, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, names, prefix));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'contained' && Array.isArray(inner))
        return [
          key,
          inner.map((one) => ({ ...(renamed(one, names, prefix) as object), id: `${prefix}${one?.id}` })),
        ];
      if (key === 'reference' && isText(inner) && inner.startsWith('#') && names.has(inner.slice(1)))
        return [key, `#${prefix}${inner.slice(1)}`];
      return [key, renamed(inner, names, prefix)];
    }),
  );
}

function put(content: Content, name: string, items: readonly unknown[]): void {
  if (items.length > 0) content[name] = items;
  else delete content[name];
}
