import { join } from 'node:path';
import { parse } from 'yaml';

/** What Inferno's US Core 6.1.0 test kit checks of a profile, from its metadata.yml. */
export interface ProfileGroup {
  readonly name: string;
  readonly resource: string;
  readonly profile: string;
  readonly interactions: readonly { readonly code: string; readonly expectation: string }[];
  readonly searches: readonly { readonly names: readonly string[]; readonly expectation: string }[];
  readonly definitions: Readonly<Record<string, SearchDefinition>>;
  readonly includes: readonly string[];
  readonly revincludes: readonly string[];
  readonly mustSupport: readonly string[];
}

interface SearchDefinition {
  readonly paths: readonly string[];
  readonly type: string;
  readonly comparators: Readonly<Record<string, string>>;
  readonly multipleOr: string;
}

type Raw = Record<string, unknown>;
const list = (value: unknown): Raw[] => (Array.isArray(value) ? (value as Raw[]) : []);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

export const metadataPath = (corpora: string): string =>
  join(corpora, 'uscore-inferno', 'us-core-6.1.0-metadata.yml');

/** The file is a dump of Ruby symbols: its keys begin with a colon. */
export function groupsOf(yaml: string): ProfileGroup[] {
  const document = parse(yaml) as Raw;
  return list(document[':groups']).map((group) => ({
    name: String(group[':name']),
    resource: String(group[':resource']),
    profile: String(group[':profile_url']),
    interactions: list(group[':interactions']).map((one) => ({
      code: String(one[':code']),
      expectation: String(one[':expectation']),
    })),
    searches: list(group[':searches']).map((one) => ({
      names: texts(one[':names']),
      expectation: String(one[':expectation']),
    })),
    definitions: definitionsOf(group[':search_definitions'] as Raw),
    includes: list(group[':include_params']).map(String),
    revincludes: texts(group[':revincludes']),
    mustSupport: list((group[':must_supports'] as Raw)[':elements']).map((one) => String(one[':path'])),
  }));
}

const definitionsOf = (raw: Raw): Record<string, SearchDefinition> =>
  Object.fromEntries(
    Object.entries(raw ?? {}).map(([name, value]) => {
      const definition = value as Raw;
      const comparators = (definition[':comparators'] ?? {}) as Record<string, string>;
      return [
        name.replace(/^:/, ''),
        {
          paths: texts(definition[':paths']),
          type: String(definition[':type']),
          comparators: Object.fromEntries(
            Object.entries(comparators).map(([prefix, expectation]) => [
              prefix.replace(/^:/, ''),
              expectation,
            ]),
          ),
          multipleOr: String(definition[':multiple_or']),
        },
      ];
    }),
  );

/** The values at a path of element names, lists walked through; `value[x]` is any of its types. */
export function valuesAt(value: unknown, path: string): unknown[] {
  const names = path.split('.').filter((name) => name !== '');
  return names
    .reduce<unknown[]>(
      (found, name) =>
        found.flatMap((one) => (Array.isArray(one) ? one : [one]).flatMap((item) => child(item, name))),
      [value],
    )
    .flatMap((one) => (Array.isArray(one) ? one : [one]));
}

function child(item: unknown, name: string): unknown[] {
  if (typeof item !== 'object' || item === null) return [];
  const members = item as Raw;
  if (members[name] !== undefined) return [members[name]];
  const choice = Object.keys(members).find(
    (key) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)),
  );
  return choice === undefined ? [] : [members[choice]];
}

/** How a value is asked for, in every form that must find it; the first is used where several parameters are combined. */
export function askedForms(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  const one = value as Raw;
  if (Array.isArray(one.coding)) return list(one.coding).slice(0, 1).flatMap(askedForms);
  if (typeof one.reference === 'string') return referenceForms(one.reference);
  if (typeof one.family === 'string') return [one.family];
  if (Array.isArray(one.given)) return [String(one.given[0])];
  // A period is not within its first day: it is asked for as the kit does, by what is after.
  if (typeof one.start === 'string') return [`ge${utcDay(one.start)}`];
  if (typeof one.end === 'string') return [`le${utcDay(one.end)}`];
  const code = one.code ?? one.value;
  if (typeof code === 'string')
    return typeof one.system === 'string' ? [code, `${one.system}|${code}`] : [code];
  const line = one.city ?? one.text;
  return typeof line === 'string' ? [line] : [];
}

/** The server's days are those of UTC. */
export const utcDay = (date: string): string =>
  date.length <= 10 ? date : new Date(date).toISOString().slice(0, 10);

const referenceForms = (reference: string): string[] => [reference.replace(/^.*\//, ''), reference];
