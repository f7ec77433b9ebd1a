import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { readParameters } from '../../../scripts/definitions/search/sources.ts';
import {
  type IndexedValue,
  type SearchValue,
  searchParametersOf,
} from '../../../src/standards/fhir-search/index.ts';

type Found = { readonly type: string; readonly data: unknown };
type Resource = Readonly<Record<string, unknown>>;

/**
 * What a parameter finds, asked of the fhirpath library with the published expression, and made into lines by rules written anew. Only the
 * choice of reference by type (`resolve() is Patient`) is its own: the library would ask a server.
 */
function expectedLines(resource: Resource): Map<string, Set<string>> {
  const expected = new Map<string, Set<string>>();
  const type = String(resource.resourceType);
  for (const { code, type: kind, expression, base, component } of published) {
    const parameter = searchParametersOf(type).get(code);
    if (!expression || !parameter || parameter.anyOf || parameter.allOf) continue;
    if (!base.some((one) => [type, 'Resource', 'DomainResource'].includes(one))) continue;
    if (code === '_id' || code === '_lastUpdated') continue;
    const found = evaluate(resource, expression);
    const lines =
      kind === 'composite'
        ? found.flatMap(({ data }) =>
            pairs(data as Resource, component ?? [], `${type}.${expression.split('.').pop()}`),
          )
        : found.flatMap((one) => linesOf(kind, one, parameter.targets));
    expected.set(code, new Set(lines));
  }
  return expected;
}

/** The same lines of what `valuesOf` gave. */
function foundLines(values: readonly IndexedValue[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { param, value } of values) {
    const lines = found.get(param) ?? new Set();
    for (const line of lineOf(value)) lines.add(line);
    found.set(param, lines);
  }
  return found;
}

const published = readParameters();
const compiled = new Map<string, (resource: unknown) => unknown[]>();

const leadsTo = {
  leadsTo: {
    fn: (inputs: { data?: { reference?: string; type?: string } }[], type: string) => [
      inputs.some(({ data }) => {
        const said = /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(
          data?.reference ?? '',
        )?.[1];
        return (said ?? data?.type) === type;
      }),
    ],
    arity: { 1: ['String'] as const },
    internalStructures: true,
  },
};

/** R4 writes `as` where a filter is meant; on several elements the library refuses `as`. */
const asFilter = (expression: string): string =>
  expression
    .replace(/\(([\w.]+) as (\w+)\)/g, '$1.ofType($2)')
    .replace(/\.as\(DateTime\)/g, '.ofType(dateTime)')
    .replace(/\.as\((\w+)\)/g, '.ofType($1)')
    .replace(/resolve\(\) is (\w+)/g, "leadsTo('$1')")
    // US Core's: the coding a bare code stands in, and the choice by its name in FHIRPath.
    .replace(/\.value\.code$/, '.value.ofType(Coding)')
    .replace(/\.value\.coding\.code$/, '.value.ofType(CodeableConcept)')
    .replace(/\.valueDateTime$/, '.value.ofType(dateTime)');

/** Alternative by alternative: the library's `|` compares values, and can't do so with a quantity that has a comparator. */
const evaluate = (of: unknown, expression: string, base?: string): Found[] =>
  expression.split(/\s*\|\s*/).flatMap((alternative) => evaluateOne(of, alternative, base));

function evaluateOne(of: unknown, expression: string, base?: string): Found[] {
  const key = `${base ?? ''} ${expression}`;
  const path = base ? { base, expression: asFilter(expression) } : asFilter(expression);
  const options = { resolveInternalTypes: false, userInvocationTable: leadsTo };
  const run =
    compiled.get(key) ?? (fhirpath.compile(path, r4, options as never) as (resource: unknown) => unknown[]);
  compiled.set(key, run);
  const found = run(of);
  const types = fhirpath.types(found);
  // An element that has extensions only has no value.
  const valued = ({ data }: Found) => data !== undefined && data !== null;
  return found
    .map((node, at) => ({
      type: (types[at] ?? '').replace(/^(FHIR|System)\./, ''),
      data: typeof node === 'object' && node !== null && 'data' in node ? node.data : node,
    }))
    .filter(valued);
}

function pairs(
  element: Resource,
  components: readonly { definition: string; expression: string }[],
  base: string,
): string[] {
  const [one = [], other = []] = components.map(({ definition, expression }) => {
    const kind = kindOf(definition, expression);
    return sorted(evaluate(element, expression, base).flatMap((found) => linesOf(kind, found, [])));
  });
  return one.length > 0 && other.length > 0 ? [`(${one.join(' & ')}) $ (${other.join(' & ')})`] : [];
}

const sorted = (lines: string[]) => [...new Set(lines)].sort();

/** R4 has the components of `relationship` the wrong way round. */
function kindOf(definition: string, expression: string): string {
  if (definition.includes('DocumentReference-relat')) return expression === 'code' ? 'token' : 'reference';
  return published.find(({ url }) => url === definition)?.type ?? '';
}

// biome-ignore lint/suspicious/noExplicitAny: the data of examples, of whatever shape
type Data = any;

const list = (value: Data): Data[] => (value === undefined ? [] : [value].flat());

function linesOf(kind: string, { type, data }: Found, targets: readonly string[]): string[] {
  const value = data as Data;
  switch (kind) {
    case 'token':
      return tokenLines(type, value);
    case 'string':
      return stringLines(type, value);
    case 'uri':
      return [value, ...(type === 'canonical' && value.includes('|') ? [value.split('|')[0]] : [])].map(
        (one) => `uri ${one}`,
      );
    case 'date':
      return dateLines(type, value);
    case 'number':
    case 'quantity':
      return quantityLines(type, value);
    case 'reference':
      return referenceLines(type, value, targets);
    default:
      throw new Error(kind);
  }
}

const coded = (system: string | undefined, code: string | undefined): string[] =>
  system || code ? [`token ${system ?? ''}|${code ?? ''}`] : [];

function tokenLines(type: string, value: Data): string[] {
  const shown = (text: string | undefined) => (text ? [`text ${text}`] : []);
  switch (type) {
    case 'Coding':
      return [...coded(value.system, value.code), ...shown(value.display)];
    case 'CodeableConcept':
      return [...list(value.coding).flatMap((one) => tokenLines('Coding', one)), ...shown(value.text)];
    case 'Identifier':
      return [
        ...coded(value.system, value.value),
        ...shown(value.type?.text),
        ...list(value.type?.coding).flatMap((one) => [
          ...shown(one.display),
          ...(one.code && value.value ? [`of-type ${one.system ?? ''}|${one.code}|${value.value}`] : []),
        ]),
      ];
    case 'ContactPoint':
      return coded(undefined, value.value);
    case 'code':
      return [`code ${value}`];
    default:
      return typeof value === 'object' ? [] : [`token |${value}`];
  }
}

function stringLines(type: string, value: Data): string[] {
  const parts: Data[] =
    type === 'HumanName'
      ? [value.family, value.text, ...list(value.given), ...list(value.prefix), ...list(value.suffix)]
      : type === 'Address'
        ? [
            ...list(value.line),
            value.city,
            value.district,
            value.state,
            value.postalCode,
            value.country,
            value.text,
          ]
        : [value];
  return parts.filter((part) => part !== undefined).map((part) => `string ${part}`);
}

/** `2020` → `2020` of both ends: the texts are compared, padded to the millisecond by the interval's own rule. */
function ends(text: string): { from: string; to: string } {
  const [, year = '', month, day, time] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(.*))?$/.exec(text) ?? [];
  const utc = (y: number, m: number, d: number) => new Date(Date.UTC(y, m, d)).toISOString();
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  if (month === undefined) return { from: utc(y, 0, 1), to: utc(y + 1, 0, 1) };
  if (day === undefined) return { from: utc(y, m, 1), to: utc(y, m + 1, 1) };
  if (time === undefined) return { from: utc(y, m, d), to: utc(y, m, d + 1) };
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  const spanMs = /\.\d/.test(time)
    ? 10 ** Math.max(0, 3 - (/\.(\d+)/.exec(time)?.[1]?.length ?? 3))
    : /^\d\d:\d\d(?!:)/.test(time)
      ? 60_000
      : 1000;
  const from = new Date(zoned);
  return { from: from.toISOString(), to: new Date(from.getTime() + spanMs).toISOString() };
}

function dateLines(type: string, value: Data): string[] {
  const line = (from?: string, to?: string) => (from || to ? [`date ${from ?? ''}..${to ?? ''}`] : []);
  if (type === 'Period') return line(value.start && ends(value.start).from, value.end && ends(value.end).to);
  if (['string', 'Age', 'Range'].includes(type)) return [];
  if (type !== 'Timing') return line(ends(value).from, ends(value).to);
  const events = list(value.event).map(ends);
  const bounds = value.repeat?.boundsPeriod;
  const spans = bounds
    ? [...events, { from: bounds.start && ends(bounds.start).from, to: bounds.end && ends(bounds.end).to }]
    : events;
  const outermost = (all: (string | undefined)[], at: number) =>
    all.includes(undefined) ? undefined : all.sort().at(at);
  return line(
    outermost(
      spans.map(({ from }) => from),
      0,
    ),
    outermost(
      spans.map(({ to }) => to),
      -1,
    ),
  );
}

function quantityLines(type: string, value: Data): string[] {
  const line = (low?: number, high?: number, unit: Data = {}) => [
    `quantity ${low ?? ''}..${high ?? ''} ${unit.system ?? ''}|${unit.code ?? ''}|${unit.unit ?? ''}`,
  ];
  if (typeof value === 'number') return line(value, value);
  if (type === 'Range') {
    const { low, high } = value;
    return low?.value === undefined && high?.value === undefined
      ? []
      : line(low?.value, high?.value, { ...high, ...low });
  }
  if (value.value === undefined) return [];
  if (type === 'Money')
    return line(
      value.value,
      value.value,
      value.currency ? { system: 'urn:iso:std:iso:4217', code: value.currency } : {},
    );
  const below = /</.test(value.comparator ?? '');
  const above = />/.test(value.comparator ?? '');
  return line(below ? undefined : value.value, above ? undefined : value.value, value);
}

function referenceLines(type: string, value: Data, targets: readonly string[]): string[] {
  if (value.resourceType)
    return targets.includes(value.resourceType) && value.id
      ? [`local ${value.resourceType}/${value.id}`]
      : [];
  const text: string | undefined = typeof value === 'string' ? value : value.reference;
  const lines: string[] = [];
  const bare = text?.replace(/\/_history\/[^/]+$/, '');
  if (bare && /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(bare)) lines.push(`local ${bare}`);
  else if (bare && /^[a-z][a-z0-9+.-]*:/i.test(bare)) {
    lines.push(`url ${bare}`);
    if (type !== 'Reference' && bare.includes('|')) lines.push(`url ${bare.split('|')[0]}`);
  }
  const identifier = value.identifier;
  if (identifier?.value) lines.push(`identifier ${identifier.system ?? ''}|${identifier.value}`);
  return lines;
}

function lineOf(value: SearchValue): string[] {
  switch (value.kind) {
    case 'token':
      return [...coded(value.system, value.code), ...(value.texts ?? []).map((text) => `text ${text}`)];
    case 'typed-identifier':
      return [`of-type ${value.system ?? ''}|${value.code}|${value.value}`];
    case 'string':
    case 'uri':
      return [`${value.kind} ${value.value}`];
    case 'date':
      return [`date ${value.from?.toISOString() ?? ''}..${value.to?.toISOString() ?? ''}`];
    case 'quantity': {
      const number = (text: string | undefined) => (text === undefined ? '' : Number(text));
      return [
        `quantity ${number(value.low)}..${number(value.high)} ${value.system ?? ''}|${value.code ?? ''}|${value.unit ?? ''}`,
      ];
    }
    case 'reference':
      return [
        ...(value.local ? [`local ${value.local}`] : []),
        ...(value.url ? [`url ${value.url}`] : []),
        ...(value.identifier ? [`identifier ${value.identifier.system ?? ''}|${value.identifier.code}`] : []),
      ];
    case 'composite': {
      const [one = [], other = []] = value.components.map((values) => sorted(values.flatMap(lineOf)));
      return [`(${one.join(' & ')}) $ (${other.join(' & ')})`];
    }
  }
}

/** A `code` says no system, the value set does: only the codes are compared. */
const withoutImplied = (line: string, codes: boolean) =>
  codes ? line.replace(/token [^|]*\|/g, 'code ') : line;

/** Parameters for which the two differ, each with what only one of them has. */
export function differences(resource: Resource, values: readonly IndexedValue[]): string[] {
  const expected = expectedLines(resource);
  const found = foundLines(values);
  const differing: string[] = [];
  for (const code of new Set([...expected.keys(), ...found.keys()])) {
    const wanted = expected.get(code) ?? new Set();
    const codes = [...wanted].some((line) => /(^|\()code /.test(line));
    const got = new Set([...(found.get(code) ?? [])].map((line) => withoutImplied(line, codes)));
    const plain = new Set([...wanted].map((line) => withoutImplied(line, codes)));
    const missing = [...plain].filter((line) => !got.has(line));
    const extra = [...got].filter((line) => !plain.has(line));
    if (missing.length + extra.length > 0)
      differing.push(
        `${resource.resourceType} ${code}: not found ${missing.join('; ')}; found beside ${extra.join('; ')}`,
      );
  }
  return differing;
}
