import {
  type GuideDifference,
  guideDifferences,
  isMapped,
  type Table,
  type TableRow,
  tables,
} from '../../../../src/clinical/mapping/index.ts';
import { parseAttribute } from './attribute.ts';
import type { Evidence } from './evidence.ts';
import type { GuideFile, GuideRow } from './guide.ts';

/** `silent`: the guide itself says nothing of the row. */
export type State = 'covered' | 'differently' | 'missing' | 'silent';

export interface Covered {
  readonly row: GuideRow;
  readonly state: State;
  /** The slot of ours, or why not. */
  readonly how: string;
}

export const coverageOf = ({ kind, rows }: GuideFile, evidence: Evidence): Covered[] =>
  rows.map((row) => (kind === 'messages' ? ofMessage(row, evidence) : ofSegment(row, rows, evidence)));

/**
 * A row of a segment's map is covered when one of our lines reads the field and writes that element of that resource, or when the element
 * changes in real messages that the field is taken out of.
 */
function ofSegment(row: GuideRow, rows: readonly GuideRow[], evidence: Evidence): Covered {
  const difference = differenceOf(row);
  if (row.attribute === '' && difference?.identifier === undefined) return { row, state: 'silent', how: '' };
  if (difference) return { row, state: 'differently', how: difference.why };
  const [, mapped = '', resource = ''] = /^(\w+)\[(\w+)/.exec(row.map) ?? [];
  // A map may speak of a field of a segment beside it (RXE-19 in that of RXO).
  const segment = /^([A-Z][A-Z0-9]{2})-\d/.exec(row.identifier)?.[1] ?? mapped;
  const field = Number(/^\w{3}-(\d+)/.exec(row.identifier)?.[1] ?? 0);
  const found = tables
    .filter((table) => table.segment === segment && table.resource === resource)
    .flatMap((table) => table.rows.map((line) => ({ table, line })))
    .find(
      ({ table, line }) =>
        (line.field === field || line.with?.includes(field)) && writes(placeOf(table, line), row, rows),
    );
  if (found) return { row, state: 'covered', how: found.line.to };
  const changed = evidence.of(segment, field);
  if (!changed) return { row, state: 'missing', how: 'no line, and no message to try it with' };
  const element =
    elementsOf(row, rows, resource).find((name) => changed.has(name)) ?? anyOf(row, changed, resource);
  return element === undefined
    ? {
        row,
        state: 'missing',
        how: changed.size === 0 ? 'it changes nothing' : `it does not change ${resource} there`,
      }
    : { row, state: 'covered', how: `${element}, by the messages` };
}

/** `$this`: the datatype makes something of the resource. */
const anyOf = (
  { attribute }: GuideRow,
  changed: ReadonlySet<string>,
  resource: string,
): string | undefined =>
  attribute === '$this' ? [...changed].find((name) => name.startsWith(`${resource}.`)) : undefined;

/** The element as evidence names it, two steps deep, in the resource that is named innermost; of an extension which one, where the guide says. */
function elementsOf(row: GuideRow, rows: readonly GuideRow[], resource: string): string[] {
  const [first = '', second] = parseAttribute(row.attribute)?.path ?? [];
  const url = first === 'extension' ? urlOf(row, rows) : undefined;
  if (url !== undefined) return [`${resource}.${first}(${url})`];
  const inner = [...row.attribute.matchAll(/\((?:\[\d+\])?([A-Z]\w+)(?:\[\w+\])?\.(\w+)/g)].at(-1);
  return inner
    ? [`${inner[1]}.${inner[2]}`]
    : [[resource, first, ...(second === undefined ? [] : [second])].join('.')];
}

/** A row of a message's map: the message is mapped, and the segment by a table for that resource. */
function ofMessage(row: GuideRow, evidence: Evidence): Covered {
  if (row.segmentMap === '') return { row, state: 'silent', how: '' };
  const [, segment = '', resource = ''] = /^(\w+)\[(\w+)/.exec(row.segmentMap) ?? [];
  const difference = differenceOf({ ...row, map: row.segmentMap, attribute: '' });
  if (difference && difference.identifier === undefined)
    return { row, state: 'differently', how: difference.why };
  if (!isMapped(row.map.replace('_', '^')))
    return { row, state: 'missing', how: 'the message is not mapped' };
  const made = [...(evidence.of(segment, 0) ?? [])].some((element) => element.startsWith(`${resource}.`));
  return made || tables.some((one) => one.segment === segment && one.resource === resource)
    ? { row, state: 'covered', how: `${segment} to ${resource}` }
    : { row, state: 'missing', how: `no ${resource} is made of ${segment}` };
}

interface Place {
  readonly path: readonly string[];
  readonly choice: boolean;
  readonly url?: string;
}

/** Of a slot: `telecom@PID-13`, `period.start`, `value[x]`, `extension[url=…]`, `_birthDate`. */
function placeOf({ part }: Table, { to }: TableRow): Place {
  const url = /^extension\[url=(.*)\]$/.exec(to)?.[1];
  const path = to
    .replace(/^_/, '')
    .replace(/[@[].*$/, '')
    .split('.');
  return {
    path: part === undefined ? path : [part, ...path],
    choice: to.endsWith('[x]'),
    ...(url === undefined ? {} : { url }),
  };
}

/** One lies within the other; of extensions, too, which one it is. */
function writes(ours: Place, row: GuideRow, rows: readonly GuideRow[]): boolean {
  const theirs = parseAttribute(row.attribute)?.path ?? [];
  if (ours.choice) {
    const [name = ''] = ours.path;
    return new RegExp(`^${name}($|[A-Z])`).test(theirs[0] ?? '');
  }
  const length = Math.min(ours.path.length, theirs.length);
  if (length === 0 || ours.path.slice(0, length).join('.') !== theirs.slice(0, length).join('.'))
    return false;
  const url = theirs[0] === 'extension' ? urlOf(row, rows) : undefined;
  return url === undefined || url === ours.url;
}

/** The URL that the guide assigns to the extension of which a row speaks. */
function urlOf(row: GuideRow, rows: readonly GuideRow[]): string | undefined {
  const name = /^extension(\[\w+\])?/.exec(row.attribute)?.[0];
  const told = rows.find(
    ({ identifier, attribute }) => identifier === row.identifier && attribute === `${name}.url`,
  );
  return told && /https?:[^"]+/.exec(told.assignment)?.[0]?.trim();
}

const differenceOf = (row: GuideRow): GuideDifference | undefined =>
  guideDifferences.find(
    ({ map, identifier, attribute }) =>
      (map.endsWith('*') ? row.map.startsWith(map.slice(0, -1)) : row.map === map) &&
      (identifier === undefined || identifier === row.identifier) &&
      (attribute === undefined || row.attribute.startsWith(attribute)),
  );
