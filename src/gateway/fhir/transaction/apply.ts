import { IsthmusError } from '../../../foundation/errors/index.ts';
import { parseExact } from '../../../standards/fhir/index.ts';
import type {
  Json,
  RecordTransaction,
  ResourceWrite,
  StoredIssue,
  StoredResource,
  WriteOutcome,
} from '../../../trust/access/index.ts';
import { errorOf } from '../execute.ts';
import { FhirFailure, invalid, unmet } from '../failure.ts';
import { type Meant, refuseShared } from '../write/feed.ts';
import { refuseSubset } from '../write/prepare.ts';
import { Answered } from './answered.ts';
import { atPlace } from './at-place.ts';
import { type Criteria, lookUp, parseCriteria } from './criteria.ts';
import type { Entry } from './entries.ts';
import { type Feed, type FoundSource, fedBy } from './feeding.ts';
import { type Found, Identities } from './identities.ts';
import type { ConditionalPlace } from './link.ts';
import { type PreparedTransaction, type PreparedWrite, placed, refuseErrors } from './prepare.ts';
import { put } from './references.ts';
import { changed, found as foundResult, type ResultOptions } from './results.ts';
import type { EntryResult, TransactionDeps } from './types.ts';

/** A write whose criteria were looked up. `existing`: a conditional create found what was to be made. */
interface Decided extends PreparedWrite {
  readonly existing?: Found;
  /** Of a Patient that its source names by number: as what it is written. */
  readonly meant?: Pick<Meant, 'statement' | 'number'>;
}

/** What is being done to a record: by whom it is asked, and how much is to be answered. */
export interface Application extends ResultOptions {
  readonly record: RecordTransaction;
  readonly deps: TransactionDeps;
}

/**
 * Does a prepared transaction on a record, all in one batch of writes, and says what came of each entry, in the order of the request. Throws
 * a failure that names the entry; then the caller's transaction must not commit. May be called again after a conflict.
 */
export async function applyTransaction(
  prepared: PreparedTransaction,
  application: Application,
): Promise<EntryResult[]> {
  const { record, deps } = application;
  const references = criteriaOf(prepared.links.conditional, deps.now());
  const wanted = prepared.writes.flatMap(({ criteria }) => criteria ?? []);
  if (wanted.length > 0) await record.lockCriteria([...new Set(wanted.map(({ key }) => key))]);
  const stored = await lookUp(record, [...wanted, ...references], prepared.writes.length);
  const identities = new Identities(stored);
  const fed = await fedBy(prepared.writes, application);
  const decided = prepared.writes.map((write) => decide(write, identities, fed.get(write)));
  linkLate(prepared, decided);
  for (const [index, place] of prepared.links.conditional.entries())
    resolve(place, references[index], { identities, deps });

  const writing = decided.filter(({ existing }) => !existing);
  const patched = await patch(writing, application);
  const writes = writing.map((one) => writeOf(one, patched, deps));
  const outcomes = await record.write(writes);
  const results = new Array<EntryResult>(prepared.size);
  const made = new Map<string, WriteOutcome>();
  writing.forEach((one, index) => {
    const outcome = outcomes[index];
    if (!outcome) throw new IsthmusError('INTERNAL', { rule: 'an outcome for every write' });
    results[one.entry.index] = changed(checked(outcome, one), one, application);
    made.set(`${outcome.type}/${outcome.id}`, outcome);
  });
  for (const { entry, existing, type } of decided)
    if (existing) results[entry.index] = foundResult(existing, type, made, application);
  const answered = new Answered(deps);
  for (const entry of prepared.reads) {
    const result = await read(entry, answered, application);
    answered.add(result);
    results[entry.index] = result;
  }
  return results;
}

/** In the order of the places. A bundle says the same of the same practitioner a hundred times. */
function criteriaOf(places: readonly ConditionalPlace[], now: Date): Criteria[] {
  const known = new Map<string, Criteria>();
  return places.map(({ type, criteria, expression }) => {
    const text = `${type}?${criteria}`;
    const parsed = known.get(text) ?? parseCriteria(type, criteria, { place: expression, now });
    known.set(text, parsed);
    return parsed;
  });
}

/** What an entry is about, now that its criteria were looked up. In the order in which entries take place. */
function decide(write: PreparedWrite, identities: Identities, feed: Feed | undefined): Decided {
  const { action, criteria, entry, type } = write;
  const isCreate = action.kind === 'create';
  const place = criteria ? `${entry.place}.request.${isCreate ? 'ifNoneExist' : 'url'}` : entry.place;
  const existing = feed?.source ?? (criteria && identities.find(criteria, place));
  if (isCreate) {
    if (existing && existing.kind !== 'source') return { ...write, existing, id: idOf(existing) };
    identities.write(type, write.id, action.resource);
    identities.touch(type, write.id, entry.place);
    return write;
  }
  if (feed && existing?.kind === 'stored') refuseShared(existing.resource.origin.system, place);
  const made = !existing && action.kind === 'update' && action.bodyId === undefined ? feed?.made : undefined;
  const id = existing ? idOf(existing) : (made?.id ?? write.id);
  identities.touch(type, id, entry.place);
  if (action.kind === 'delete') identities.remove(type, id);
  if (action.kind === 'patch' && criteria && !existing) throw absent(entry);
  if (action.kind !== 'update') return { ...write, id };
  if (existing && action.bodyId !== undefined && action.bodyId !== id)
    throw invalid(`${entry.place}.resource.id`, 'the id of the resource that the criteria find');
  const { resource } = action;
  put({ holder: resource, key: 'id' }, id);
  identities.write(type, id, resource);
  const meant = made ?? (existing?.kind === 'source' ? STATEMENT : undefined);
  return { ...write, id, ...(meant ? { meant } : {}) };
}

const STATEMENT = { statement: true } as const;

const idOf = (found: Found | FoundSource): string => (found.kind === 'stored' ? found.resource.id : found.id);

/** What names an entry whose criteria found another id than the one assigned. */
function linkLate({ links }: PreparedTransaction, decided: readonly Decided[]): void {
  if (links.late.length === 0) return;
  const names = new Map(links.names);
  for (const { entry, type, id } of decided)
    if (entry.fullUrl !== undefined) names.set(entry.fullUrl, `${type}/${id}`);
  for (const { place, rewritten } of links.late)
    put(
      place,
      rewritten((fullUrl) => names.get(fullUrl)),
    );
}

/** R4 http.html#trules: exactly one, or the transaction fails. */
function resolve(
  { place, expression, type }: ConditionalPlace,
  criteria: Criteria | undefined,
  { identities, deps }: { identities: Identities; deps: TransactionDeps },
): void {
  const target = criteria && identities.find(criteria, expression);
  if (target) put(place, `${type}/${idOf(target)}`);
  else if (!deps.keepUnresolved) throw new UnresolvedReference(expression);
}

/** A conditional reference found nothing: what it means may come later, so an import tries again at its end. */
export class UnresolvedReference extends FhirFailure {
  constructor(place: string) {
    super('PRECONDITION_FAILED', { place, rule: 'a conditional reference finds exactly one resource' });
  }
}

interface Patched {
  readonly resource: Json;
  readonly issues: readonly StoredIssue[];
}

/** Locks what is patched in the order of ids, as every batch does, and patches it. */
async function patch(
  writing: readonly Decided[],
  { record, deps }: Application,
): Promise<ReadonlyMap<Decided, Patched>> {
  const patched = new Map<Decided, Patched>();
  const wrong: StoredIssue[] = [];
  const patches = writing.filter(({ action }) => action.kind === 'patch');
  patches.sort((one, other) =>
    one.id < other.id ? -1 : one.id > other.id ? 1 : one.type < other.type ? -1 : 1,
  );
  for (const one of patches) {
    const current = await record.lock(one.type, one.id);
    if (!current) throw absent(one.entry);
    const resource = patchedResource(current, one);
    refuseSubset(resource, `${one.entry.place}.resource`);
    const issues = deps.validate(resource, one.entry.index);
    wrong.push(...placed(issues, one.entry.place));
    patched.set(one, { resource, issues });
  }
  refuseErrors(wrong);
  return patched;
}

function patchedResource({ json }: StoredResource, { action, entry }: Decided): Json {
  if (action.kind !== 'patch') throw new IsthmusError('INTERNAL', { rule: 'a patch' });
  try {
    return action.patch(parseExact(json) as Json);
  } catch (error) {
    throw atPlace(errorOf(error), `${entry.place}.resource`);
  }
}

function writeOf(
  one: Decided,
  patched: ReadonlyMap<Decided, Patched>,
  { keepInvalid = false }: TransactionDeps,
): ResourceWrite {
  const { action, type, id, match, issues } = one;
  const matching = match.version === undefined ? {} : { ifMatch: match.version };
  if (action.kind === 'delete') return { op: 'delete', type, id, ...matching };
  if (action.kind === 'patch') {
    const result = patched.get(one);
    if (!result) throw new IsthmusError('INTERNAL', { rule: 'a patch for every PATCH' });
    return { op: 'update', method: 'PATCH', mustExist: true, resource: result.resource, ...matching };
  }
  const flagged = keepInvalid && issues.some(({ severity }) => severity === 'error') ? { issues } : {};
  const { resource } = action;
  if (action.kind === 'create') return { op: 'create', method: 'POST', resource, ...flagged };
  if (action.createOnly) return { op: 'create', method: 'PUT', resource, ...flagged };
  return {
    ...{ op: 'update', method: 'PUT', mustExist: match.exists, resource },
    ...{ ...matching, ...flagged, ...one.meant },
  };
}

/** Throws what a write that did not take place means for the whole. */
function checked(outcome: WriteOutcome, { action, entry, match }: Decided): WriteOutcome {
  const { kind } = outcome;
  if (kind !== 'conflict' && kind !== 'absent') return outcome;
  if (match.exists) throw unmet(`${entry.place}.request.ifMatch`, 'the current version');
  if (kind === 'absent') {
    if (action.kind === 'delete') return outcome;
    if (action.kind === 'patch') throw absent(entry);
    // What may not be written is told apart neither by its id nor by whether it is there.
    throw new FhirFailure('FORBIDDEN', { place: entry.place, rule: 'a resource that the caller may write' });
  }
  if (action.kind === 'update' && action.createOnly)
    throw unmet(`${entry.place}.request.ifNoneMatch`, 'no such resource yet');
  throw new FhirFailure('CONFLICT', { place: entry.place });
}

async function read(entry: Entry, answered: Answered, { record, deps }: Application): Promise<EntryResult> {
  try {
    answered.checkRoom();
    return await deps.read(record, entry.request);
  } catch (error) {
    throw atPlace(errorOf(error), entry.place);
  }
}

const absent = ({ place }: Entry) => new FhirFailure('NOT_FOUND', { place });
