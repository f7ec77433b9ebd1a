import { IsthmusError } from '../../foundation/errors/index.ts';
import { FhirError, isKnownResourceType, parseResource } from '../../standards/fhir/index.ts';
import type { Json } from '../../trust/access/index.ts';
import { type Entry, entryOf, MAX_ENTRIES, rawEntries } from '../fhir/index.ts';
import type { ImportFile } from './files.ts';
import type { Refusal } from './ledger.ts';
import { contentOf, type Meter, Unreadable, withoutMark } from './lines.ts';
import { readResource, type Unit, type UnitEntry, type UnitOptions } from './units.ts';

/** A bundle is held in memory while it is worked on; what is larger comes as NDJSON. */
const MAX_DOCUMENT_BYTES = 128 * 1024 * 1024;
const BATCH_ENTRIES = 100;

/**
 * The units of a JSON document from a position on: a transaction or a collection is one, a batch several, a single resource one. What can't be
 * imported at all is a refusal of the whole.
 */
export async function* unitsOfDocument(
  file: ImportFile,
  position: number,
  options: UnitOptions,
): AsyncGenerator<Unit> {
  try {
    const document = parseResource(await readWhole(file, options.meter), { maxBytes: MAX_DOCUMENT_BYTES });
    yield* document.resourceType === 'Bundle'
      ? unitsOfBundle(document, position, options)
      : [unitOfResources([{ resource: document }], options)];
  } catch (error) {
    yield { ...nothing, refusals: [refusalOf(error)] };
  }
}

const nothing: Unit = { kind: 'whole', entries: [], refusals: [], to: 1, items: 1, isLast: true };

async function readWhole(file: ImportFile, meter: Meter): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of contentOf(file, meter)) {
      bytes += chunk.length;
      if (bytes > MAX_DOCUMENT_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new Unreadable(file, error);
  }
  if (bytes > MAX_DOCUMENT_BYTES)
    throw new FhirError('TOO_LARGE', {
      rule: `at most ${MAX_DOCUMENT_BYTES} bytes; larger data come as NDJSON`,
    });
  return withoutMark(Buffer.concat(chunks, bytes));
}

function* unitsOfBundle(bundle: Json, position: number, options: UnitOptions): Generator<Unit> {
  const raw = rawEntries(bundle);
  switch (bundle.type) {
    case 'transaction':
      yield unitOfTransaction(raw);
      break;
    case 'batch':
      yield* unitsOfBatch(raw, position);
      break;
    case 'collection':
    case 'searchset':
      yield unitOfResources(resourcesOf(raw), options);
      break;
    default:
      throw new IsthmusError('INVALID_REQUEST', {
        place: 'Bundle.type',
        rule: 'transaction, batch, collection or searchset',
      });
  }
}

/** Addresses of entries are relative when they come in a file: there is no server that they could be of. */
const NO_BASE = 'urn:isthmus:file';

const asked = (entry: Entry): UnitEntry => ({ item: entry.index + 1, next: entry.index + 1, entry });

function unitOfTransaction(raw: readonly unknown[]): Unit {
  const entries = raw.map((one, index) => asked(entryOf(one, index, NO_BASE)));
  return { ...nothing, entries, to: raw.length, items: raw.length };
}

function* unitsOfBatch(raw: readonly unknown[], position: number): Generator<Unit> {
  for (let start = position; ; start += BATCH_ENTRIES) {
    const entries: UnitEntry[] = [];
    const refusals: Refusal[] = [];
    const to = Math.min(start + BATCH_ENTRIES, raw.length);
    for (let index = start; index < to; index++) {
      try {
        // Entries of a batch have nothing to do with each other, so none is named (R4 http.html#brules).
        const { fullUrl: _, ...entry } = entryOf(raw[index], index, NO_BASE);
        entries.push(asked(entry));
      } catch (error) {
        refusals.push({ ...refusalOf(error), item: index + 1 });
      }
    }
    yield { kind: 'divisible', entries, refusals, to, items: to, isLast: to >= raw.length };
    if (to >= raw.length) return;
  }
}

interface Given {
  readonly resource: Json;
  readonly fullUrl?: string;
}

function resourcesOf(raw: readonly unknown[]): Given[] {
  return raw.map((one, index) => {
    const { resource, fullUrl } = (one ?? {}) as { resource?: unknown; fullUrl?: unknown };
    if (!isResource(resource))
      throw new IsthmusError('INVALID_REQUEST', {
        place: `Bundle.entry[${index}].resource`,
        rule: 'a resource of R4 4.0.1',
      });
    return { resource, ...(typeof fullUrl === 'string' ? { fullUrl } : {}) };
  });
}

const isResource = (value: unknown): value is Json =>
  typeof value === 'object' &&
  value !== null &&
  'resourceType' in value &&
  typeof value.resourceType === 'string' &&
  isKnownResourceType(value.resourceType);

function unitOfResources(given: readonly Given[], options: UnitOptions): Unit {
  if (given.length > MAX_ENTRIES)
    throw new IsthmusError('TOO_LARGE', { place: 'Bundle.entry', rule: `at most ${MAX_ENTRIES} entries` });
  const entries: UnitEntry[] = [];
  const refusals: Refusal[] = [];
  given.forEach(({ resource, fullUrl }, index) => {
    const at = { item: index + 1, next: index + 1, ...(fullUrl === undefined ? {} : { fullUrl }) };
    const read = readResource(resource, at, options);
    if (read.entry) entries.push(read.entry);
    refusals.push(...read.refusals);
  });
  return { ...nothing, entries, refusals, to: given.length, items: given.length };
}

/** Why an entry, or the file as a whole, is refused. What is no refusal is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof FhirError) return { item: 0, place: error.place ?? '', rule: error.rule };
  if (error instanceof IsthmusError && REFUSALS.has(error.code))
    return { item: 0, place: error.place ?? '', rule: error.rule ?? error.message };
  throw error;
}

/** What an entry or a bundle is refused for; everything else is a trouble of ours, and the import ends there. */
const REFUSALS: ReadonlySet<string> = new Set([
  'INVALID_REQUEST',
  'INVALID_RESOURCE',
  'NOT_FOUND',
  'PRECONDITION_FAILED',
  'TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'METHOD_NOT_ALLOWED',
]);
