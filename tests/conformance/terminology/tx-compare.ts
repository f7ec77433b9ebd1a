/** Compares answers as the suite's readme says: order never matters, `$…$` stands for a kind of value, `$optional…$` marks what may be missing. */

type Json = unknown;
type Members = Readonly<Record<string, Json>>;

const isMembers = (value: Json): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const KINDS: Readonly<Record<string, RegExp>> = {
  $$: /^[\s\S]*$/,
  $date$: /^\d{4}(-\d\d(-\d\d)?)?$/,
  $id$: /^[A-Za-z0-9.-]{1,64}$/,
  $instant$: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/,
  $semver$: /^\d+(\.\d+)*$/,
  $string$: /^[\s\S]+$/,
  $token$: /^\S+$/,
  $url$: /^(https?:\/\/|urn:)\S+$/,
  $uuid$: /^urn:uuid:[0-9a-f-]{36}$/,
  $version$: /^\S+$/,
};

/** Where the two differ, first difference first; nothing where they agree. */
export function difference(expected: Json, actual: Json, path = ''): string | undefined {
  if (typeof expected === 'string')
    return matches(expected, actual) ? undefined : told(path, expected, actual);
  if (Array.isArray(expected)) return listDifference(expected, actual, path);
  if (!isMembers(expected)) return expected === actual ? undefined : told(path, expected, actual);
  if (!isMembers(actual)) return told(path, expected, actual);
  const optional = (expected['$optional-properties$'] as readonly string[] | undefined) ?? [];
  for (const [name, value] of Object.entries(expected)) {
    if (name.startsWith('$')) continue;
    if (actual[name] === undefined) {
      if (optional.includes(name) || (Array.isArray(value) && value.every(isOptional))) continue;
      return told(`${path}.${name}`, value, undefined);
    }
    const found = difference(value, actual[name], `${path}.${name}`);
    if (found) return found;
  }
  const extra = Object.keys(actual).find((name) => expected[name] === undefined && !optional.includes(name));
  return extra === undefined ? undefined : told(`${path}.${extra}`, undefined, actual[extra]);
}

function listDifference(expected: readonly Json[], actual: Json, path: string): string | undefined {
  if (!Array.isArray(actual)) return told(path, expected, actual);
  const rest = [...(actual as Json[])];
  // What must be there takes its match before what may be.
  const ordered = [...expected].sort((one, other) => Number(isOptional(one)) - Number(isOptional(other)));
  for (const one of ordered) {
    const at = rest.findIndex((other) => difference(one, other) === undefined);
    if (at === -1 && !isOptional(one)) return `${path}: nothing is ${shown(one)}; there are ${shown(rest)}`;
    if (at !== -1) rest.splice(at, 1);
  }
  return rest.length === 0 ? undefined : told(path, undefined, rest);
}

const isOptional = (value: Json): boolean => isMembers(value) && value.$optional$ !== undefined;

function matches(expected: string, actual: Json): boolean {
  if (typeof actual !== 'string') return false;
  if (expected.endsWith('|$version$')) return actual.startsWith(expected.slice(0, -'$version$'.length));
  if (!expected.startsWith('$') || !expected.endsWith('$')) return expected === actual;
  const [kind = '', ...rest] = expected.slice(1, -1).split(':');
  if (kind === 'choice') return rest.join(':').split('|').includes(actual);
  if (kind === 'fragments')
    return rest
      .join(':')
      .split('|')
      .every((one) => actual.toLowerCase().includes(one.toLowerCase()));
  // The texts of other servers differ: what they have to name is given.
  if (kind === 'external') return actual.includes(rest.slice(1).join(':'));
  return KINDS[expected]?.test(actual) ?? false;
}

const told = (path: string, expected: Json, actual: Json): string =>
  `${path}: ${shown(expected)} expected, is ${shown(actual)}`;

const shown = (value: Json): string => (value === undefined ? 'nothing' : JSON.stringify(value));
