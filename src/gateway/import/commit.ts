import type { Database } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { Access, AccessContext } from '../../trust/access/index.ts';
import {
  applyTransaction,
  type EntryResult,
  FhirFailure,
  type PreparedTransaction,
  prepareEntries,
  retried,
  type TransactionDeps,
  UnresolvedReference,
} from '../fhir/index.ts';
import { refusalOf } from './documents.ts';
import { advance, type Counts, holdPosition, noCounts, type Refusal, type Step } from './ledger.ts';
import type { Unit, UnitEntry, Validate } from './units.ts';

export interface CommitDeps {
  readonly database: Database;
  readonly access: Pick<Access, 'openRecordIn'>;
  readonly context: AccessContext;
  readonly system: string;
  readonly validate: Validate;
  readonly keepInvalid: boolean;
  readonly now: () => Date;
}

/** A file, and how far it is. */
export interface Place {
  readonly fileId: number;
  readonly position: number;
}

/**
 * A transaction whose conditional references find nothing yet: what they mean may be in a file that comes later. Nothing of it was written.
 */
export class Deferred extends Error {
  override readonly name = 'Deferred';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super('a conditional reference finds nothing yet');
    this.refusal = refusal;
  }
}

/** Writes a unit and the position after it in one transaction, or entry by entry when it is refused and can be divided. */
export async function commitUnit(unit: Unit, place: Place, deps: CommitDeps): Promise<Counts> {
  try {
    return await commitTogether(unit, place, deps);
  } catch (error) {
    if (unit.kind === 'divisible' && unit.entries.length > 0) {
      // What is no refusal goes up from here.
      refusalOf(error);
      return commitApart(unit, place, deps);
    }
    if (error instanceof UnresolvedReference) throw new Deferred(placedRefusal(refusalOf(error)));
    return refuseWhole(unit, refusalsIn(error), { place, deps });
  }
}

/** Refuses what a unit holds, and goes on behind it. */
export function refuseWhole(
  unit: Unit,
  refusals: readonly Refusal[],
  { place, deps }: { readonly place: Place; readonly deps: CommitDeps },
): Promise<Counts> {
  const counts = { ...noCounts, refused: unit.kind === 'whole' ? Math.max(1, unit.items) : refusals.length };
  const step = { ...unit, from: place.position, counts, refusals: [...unit.refusals, ...refusals] };
  return commit({ step, place, deps, write: async () => noCounts });
}

async function commitTogether(unit: Unit, place: Place, deps: CommitDeps): Promise<Counts> {
  const { refusals, to, items, isLast } = unit;
  const refused = new Set(refusals.map(({ item }) => item)).size;
  const step: Step = { from: place.position, to, items, isLast, refusals, counts: { ...noCounts, refused } };
  if (unit.entries.length === 0) return commit({ step, place, deps, write: async () => noCounts });
  const transactionDeps = depsOf(unit, deps);
  const prepared = await prepareEntries(
    unit.entries.map(({ entry }) => entry),
    transactionDeps,
  );
  return commit({
    ...{ step, place, deps },
    async write(record) {
      const results = await applyTransaction(prepared, {
        ...{ record, deps: transactionDeps, prefer: 'minimal' },
        outcomeOf: () => '',
      });
      return countsOf(results, prepared, deps);
    },
  });
}

interface Commit {
  readonly step: Step;
  readonly place: Place;
  readonly deps: CommitDeps;
  readonly write: (record: ReturnType<Access['openRecordIn']>) => Promise<Counts>;
}

/** The only place where something of an import is committed: position and data in one transaction. */
function commit({ step, place, deps, write }: Commit): Promise<Counts> {
  const { database, access, context, system } = deps;
  return retried(() =>
    database.transaction(async (transaction) => {
      await holdPosition(transaction, place.fileId, step.from);
      const written = await write(access.openRecordIn(transaction, context, { system }));
      const counts = sum(step.counts, written);
      await advance(transaction, place.fileId, { ...step, counts });
      return counts;
    }),
  );
}

/** Each entry by itself, in order; what is refused is noted with the position behind it. */
async function commitApart(unit: Unit, place: Place, deps: CommitDeps): Promise<Counts> {
  let total = noCounts;
  let { position } = place;
  const refusals = [...unit.refusals];
  for (const [index, one] of unit.entries.entries()) {
    const isEnd = index === unit.entries.length - 1;
    const before = isEnd ? refusals.splice(0) : refusals.splice(0, countBefore(refusals, one));
    const end = isEnd ? unit : { to: one.next, items: one.item, isLast: false };
    const { to, items, isLast } = end;
    const alone: Unit = { kind: 'divisible', entries: [one], refusals: before, to, items, isLast };
    const counts = await commitAlone(alone, { ...place, position }, deps);
    total = sum(total, counts);
    position = to;
  }
  return total;
}

const countBefore = (refusals: readonly Refusal[], { item }: UnitEntry): number => {
  const first = refusals.findIndex((refusal) => refusal.item > item);
  return first === -1 ? refusals.length : first;
};

async function commitAlone(unit: Unit, place: Place, deps: CommitDeps): Promise<Counts> {
  try {
    return await commitTogether(unit, place, deps);
  } catch (error) {
    const item = unit.entries[0]?.item ?? 0;
    const own = refusalsIn(error).map((refusal) => ({ ...refusal, item }));
    const refusals = [...unit.refusals, ...own];
    const refused = new Set(refusals.map((refusal) => refusal.item)).size;
    const step = { ...unit, from: place.position, counts: { ...noCounts, refused }, refusals };
    return commit({ step, place, deps, write: async () => noCounts });
  }
}

/** The refusals that an error stands for. What is none is thrown on. */
function refusalsIn(error: unknown): Refusal[] {
  const first = placedRefusal(refusalOf(error));
  if (!(error instanceof FhirFailure) || error.issues.length === 0) return [first];
  return error.issues.map(({ expression, rule }) => placedRefusal({ item: 0, place: expression, rule }));
}

/** The entry that a place names is the item. */
function placedRefusal(refusal: Refusal): Refusal {
  const index = /^Bundle\.entry\[(\d+)\]/.exec(refusal.place)?.[1];
  return index === undefined ? refusal : { ...refusal, item: Number(index) + 1 };
}

function depsOf(unit: Unit, { validate, keepInvalid, now }: CommitDeps): TransactionDeps {
  const known = new Map(unit.entries.map(({ entry, issues }) => [entry.index, issues]));
  return {
    base: '',
    keepInvalid,
    // A transaction says of its conditional references that each finds one; data that only come in a file say nothing of the kind.
    keepUnresolved: unit.kind === 'divisible' || unit.entries.some(({ issues }) => issues !== undefined),
    validate: (resource, index) => known.get(index) ?? validate(resource),
    read: () =>
      Promise.reject(
        new IsthmusError('INVALID_REQUEST', {
          place: 'request.method',
          rule: 'an import has nobody who reads',
        }),
      ),
    now,
  };
}

function countsOf(
  results: readonly EntryResult[],
  { writes, links }: PreparedTransaction,
  { keepInvalid }: CommitDeps,
): Counts {
  const kinds = results.flatMap(({ kind }) => kind ?? []);
  const same = kinds.filter(
    (kind) => kind === 'unchanged' || kind === 'existing' || kind === 'absent',
  ).length;
  const invalid = writes.filter(({ issues }) => issues.some(({ severity }) => severity === 'error')).length;
  const left = links.conditional.filter(
    ({ place }) => Reflect.get(place.holder, place.key) === place.text,
  ).length;
  return {
    ...noCounts,
    written: kinds.length - same,
    unchanged: same,
    flagged: keepInvalid ? invalid : 0,
    unresolved: left,
  };
}

export const sum = (one: Counts, other: Counts): Counts => ({
  written: one.written + other.written,
  unchanged: one.unchanged + other.unchanged,
  refused: one.refused + other.refused,
  flagged: one.flagged + other.flagged,
  unresolved: one.unresolved + other.unresolved,
});
