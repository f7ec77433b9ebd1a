import { FhirError, isResourceId, parseResource } from '../../standards/fhir/index.ts';
import type { Json, StoredIssue } from '../../trust/access/index.ts';
import { type Entry, resourceEntry } from '../fhir/index.ts';
import type { ImportFile } from './files.ts';
import type { Refusal, Standing } from './ledger.ts';
import { linesOf, type Meter, withoutMark } from './lines.ts';

/** An entry with what is wrong with its resource. */
export interface UnitEntry {
  /** The line or the entry of the bundle, from 1. */
  readonly item: number;
  /** The position when it is done. */
  readonly next: number;
  readonly entry: Entry;
  /** Not there when the entry is validated with the others, as it is in a transaction. */
  readonly issues?: readonly StoredIssue[];
}

/** What is committed together: entries, and what was refused between them. */
export interface Unit {
  /** `divisible`: an entry that fails is refused alone; otherwise all are. */
  readonly kind: 'divisible' | 'whole';
  readonly entries: readonly UnitEntry[];
  readonly refusals: readonly Refusal[];
  /** Position and items when it is done. */
  readonly to: number;
  readonly items: number;
  readonly isLast: boolean;
}

export type Validate = (resource: Json) => readonly StoredIssue[];

export interface UnitOptions {
  readonly meter: Meter;
  readonly validate: Validate;
  readonly keepInvalid: boolean;
}

const UNIT_ENTRIES = 500;
const UNIT_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 64;
/** Of one resource, so many issues are listed. */
const ISSUES_LISTED = 5;

interface Draft {
  entries: UnitEntry[];
  refusals: Refusal[];
  names: Set<string>;
  bytes: number;
}

const emptyDraft = (): Draft => ({ entries: [], refusals: [], names: new Set(), bytes: 0 });

/** Resources of an NDJSON file from a position on, in the file's order. Ids are kept; one without gets one. */
export async function* unitsOfLines(
  file: ImportFile,
  { position, items }: Pick<Standing, 'position' | 'items'>,
  options: UnitOptions,
): AsyncGenerator<Unit> {
  let draft = emptyDraft();
  let [item, to] = [items, position];
  const unit = (isLast: boolean): Unit => {
    const { entries, refusals } = draft;
    draft = emptyDraft();
    return { kind: 'divisible', entries, refusals, to, items: item, isLast };
  };
  for await (const line of linesOf(file, options.meter, position)) {
    if (line.bytes.length > 0 || line.isTooLong) {
      const taken = readLine(line, item + 1, options);
      const { name } = taken;
      // One transaction does not write the same resource twice; and it stays of a size.
      const isFull = draft.entries.length >= UNIT_ENTRIES || draft.bytes >= UNIT_BYTES;
      if (isFull || (name !== '' && draft.names.has(name)) || draft.refusals.length >= UNIT_ENTRIES)
        yield unit(false);
      if (taken.entry) draft.entries.push(taken.entry);
      draft.refusals.push(...taken.refusals);
      draft.names.add(name);
      draft.bytes += line.bytes.length;
    }
    item += 1;
    to = line.next;
  }
  yield unit(true);
}

interface ReadLine {
  readonly name: string;
  readonly entry?: UnitEntry;
  readonly refusals: readonly Refusal[];
}

function readLine(
  { bytes, next, isTooLong }: { readonly bytes: Buffer; readonly next: number; readonly isTooLong: boolean },
  item: number,
  options: UnitOptions,
): ReadLine {
  const refused = (place: string, rule: string) => ({ name: '', refusals: [{ item, place, rule }] });
  if (isTooLong) return refused('', 'a line of 16 MiB at most');
  let resource: Json;
  try {
    resource = parseResource(item === 1 ? withoutMark(bytes) : bytes, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (error instanceof FhirError) return refused(error.place ?? '', error.rule);
    throw error;
  }
  return { name: nameOf(resource), ...readResource(resource, { item, next }, options) };
}

const nameOf = ({ resourceType, id }: Json): string => (id === undefined ? '' : `${resourceType}/${id}`);

/** A resource that comes without a request: to be put under its id, or to be made when it has none. */
export function readResource(
  resource: Json,
  { item, next, fullUrl }: { readonly item: number; readonly next: number; readonly fullUrl?: string },
  { validate, keepInvalid }: UnitOptions,
): { readonly entry?: UnitEntry; readonly refusals: readonly Refusal[] } {
  const { resourceType, id } = resource;
  if (id !== undefined && (typeof id !== 'string' || !isResourceId(id)))
    return {
      refusals: [{ item, place: `${resourceType}.id`, rule: 'an id has 1 to 64 letters, digits, - and .' }],
    };
  const issues = validate(resource);
  if (!keepInvalid) {
    const refusals = refusalsOf(issues, item);
    if (refusals.length > 0) return { refusals };
  }
  const entry = resourceEntry(resource, { index: item - 1, ...(fullUrl === undefined ? {} : { fullUrl }) });
  return { entry: { item, next, entry, issues }, refusals: [] };
}

/** The errors among the issues, as they are listed. */
const refusalsOf = (issues: readonly StoredIssue[], item: number): Refusal[] =>
  issues
    .filter(({ severity }) => severity === 'error')
    .slice(0, ISSUES_LISTED)
    .map(({ expression, rule }) => ({ item, place: expression, rule }));
