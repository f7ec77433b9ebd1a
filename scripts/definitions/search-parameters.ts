import type { EncodedParameter } from '../../src/standards/fhir-search/definitions/encoding.ts';
import { compileComposite, compileSimple, idOf, type Known } from './search/compile.ts';
import { Elements } from './search/elements.ts';
import { mended } from './search/mended.ts';
import { type ParameterDefinition, readCodeSystems, readParameters, readTypes } from './search/sources.ts';
import type { Generated } from './source.ts';

const FILE = 'src/standards/fhir-search/definitions/r4/search-parameters.json';

/** What R4 defines and is not answered here, with the reason that a caller is told. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^(DomainResource-text|Resource-content)$/, 'there is no full-text search'],
  [/^Resource-query$/, 'there are no named queries'],
  [/^Location-near$/, 'there is no search by distance'],
  [/-phonetic$/, 'there is no search by sound'],
  [/^MolecularSequence-.*-coordinate$/, 'composites of three components are not supported'],
];

/** Answered from columns of the record. */
const OF_THE_RECORD: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

/**
 * R4's and US Core's search parameters by resource type, their expressions compiled to paths. Fails on any expression that it does not understand: a
 * parameter that silently finds nothing would be taken for "there is none".
 */
export function searchParameters(): Generated {
  const { definitions, resourceTypes } = readTypes();
  const elements = new Elements(definitions, readCodeSystems());
  const published = readParameters().map(mended);
  const byUrl = new Map(published.map((parameter) => [parameter.url, parameter]));
  const types = ['Resource', ...resourceTypes].map((base) => {
    const own = published
      .filter((parameter) =>
        parameter.base.some((one) => one === base || (base === 'Resource' && one === 'DomainResource')),
      )
      .sort((one, other) => (one.code < other.code ? -1 : 1));
    return [base, JSON.stringify(Object.fromEntries(rowsOf(elements, { base, own, byUrl })))];
  });
  return { [FILE]: Object.fromEntries(types) };
}

interface OfType {
  readonly base: string;
  readonly own: readonly ParameterDefinition[];
  readonly byUrl: Known['byUrl'];
}

function rowsOf(elements: Elements, { base, own, byUrl }: OfType): [string, EncodedParameter][] {
  const rows = new Map<string, EncodedParameter>();
  const composites = own.filter(({ type }) => type === 'composite');
  for (const [at, { code }] of own.entries())
    if (own[at + 1]?.code === code) throw new Error(`${base} has two parameters ${code}`);
  for (const parameter of own)
    if (!composites.includes(parameter)) rows.set(parameter.code, simple(elements, parameter, base));
  for (const [code, row] of rows) rows.set(code, asUnion(code, row, rows));
  for (const parameter of composites)
    rows.set(
      parameter.code,
      refused(parameter) ?? compileComposite(elements, parameter, { base, known: { byUrl, rows } }),
    );
  for (const [code, row] of rows) rows.set(code, viaOther(code, row, rows));
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1));
}

function simple(elements: Elements, parameter: ParameterDefinition, base: string): EncodedParameter {
  const row = refused(parameter);
  if (row) return row;
  if (OF_THE_RECORD.has(parameter.code)) return { u: idOf(parameter), t: parameter.type };
  return compileSimple(elements, parameter, base);
}

function refused(parameter: ParameterDefinition): EncodedParameter | undefined {
  const reason = REFUSED.find(([id]) => id.test(idOf(parameter)))?.[1];
  return reason === undefined ? undefined : { u: idOf(parameter), t: parameter.type, no: reason };
}

/** `combo-code` reads what `code` and `component-code` read: it is asked of both, instead of being indexed a second time. */
function asUnion(
  code: string,
  row: EncodedParameter,
  rows: ReadonlyMap<string, EncodedParameter>,
): EncodedParameter {
  if (!code.startsWith('combo-')) return row;
  const name = code.slice('combo-'.length);
  const parts = [name, `component-${name}`];
  const { a = [], ...rest } = row;
  const read = parts.flatMap((part) => rows.get(part)?.a ?? []);
  if (a.some((one) => !read.includes(one)) || read.some((one) => !a.includes(one)))
    throw new Error(`${code} is not the union of ${parts.join(' and ')}`);
  return { ...rest, any: parts };
}

/** A composite's pairs that another composite has as well are asked of that one. */
function viaOther(
  code: string,
  row: EncodedParameter,
  rows: ReadonlyMap<string, EncodedParameter>,
): EncodedParameter {
  if (!row.n || !code.startsWith('combo-')) return row;
  const same = [...rows].find(([one, { n }]) => one !== code && JSON.stringify(n) === JSON.stringify(row.n));
  if (!same) throw new Error(`${code} has pairs of its own`);
  const { n: _, ...rest } = row;
  return { ...rest, any: [same[0]] };
}
