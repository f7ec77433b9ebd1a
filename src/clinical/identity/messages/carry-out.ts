import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { IdentityEvent, IdentityPair } from '../../mapping/index.ts';
import { sourcePatientId } from '../../record/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import { type Persons, personOf } from '../persons.ts';
import { takeBackNotSame, tidy } from '../reviews/tidy.ts';
import type { Decision, IdentityChange } from '../types.ts';
import { carryOutBelongings } from './belongings.ts';
import { type Contradiction, contradictionOf, type Judging } from './contradiction.ts';

export interface CarryingOut {
  readonly event: IdentityEvent;
  readonly decision: Decision;
  /**
   * Asked before two are merged who can't be the same by what is known. Throws where the message has to wait; what it answers is whether a person
   * has decided that they are the same all the same, or nobody has in time.
   */
  readonly ask: (contradiction: Contradiction) => Promise<'same' | 'unanswered'>;
}

interface Work extends CarryingOut {
  readonly transaction: Transaction;
  readonly persons: Persons;
  readonly judging: Judging;
}

/**
 * Carries out what a message of HL7 v2 says about who is who, in its order, all or nothing: within the transaction that writes what else it says. What is so
 * already has no effect. Throws IDENTITY_REFUSED, with the rule, for what can't be: numbers of different authorities, an event that names nobody.
 */
export async function carryOutEvent(
  transaction: Transaction,
  carrying: CarryingOut,
  { persons, judging }: { readonly persons: Persons; readonly judging: Judging },
): Promise<IdentityChange[]> {
  const work: Work = { ...carrying, transaction, persons, judging };
  const changes: IdentityChange[] = [];
  for (const pair of carrying.event.pairs) changes.push(...(await carryOutPair(pair, work)));
  const touched = [...new Set(changes.flatMap(({ moved }) => moved))];
  await tidy(transaction, touched, { at: carrying.decision.at, persons });
  return changes;
}

async function carryOutPair(pair: IdentityPair, work: Work): Promise<IdentityChange[]> {
  const { event, decision, transaction, persons } = work;
  if (event.level === 'account' || event.level === 'visit')
    return carryOutBelongings(transaction, pair, { persons, decision, ...work.judging });
  switch (event.kind) {
    case 'merge':
      return merge(pair, work);
    case 'change-id':
      return changeNumbers(pair, work);
    case 'move':
      return moveNumbers(pair, work);
    case 'link': {
      const [one, other] = first(pair);
      return isSame(one, other)
        ? []
        : [await linked({ one: sourcePatientId(one), other: sourcePatientId(other) }, work)];
    }
    case 'unlink':
      return unlinked(pair, work);
    // Who is deleted at the source is no longer active; what it said stays.
    case 'delete':
      return [];
  }
}

/** MRG-1 goes on as the number of its authority in PID-3. */
async function merge(pair: IdentityPair, work: Work): Promise<IdentityChange[]> {
  const { transaction, persons, decision } = work;
  const changes: IdentityChange[] = [];
  for (const { now, before } of numbersOf(pair)) {
    const contradictory = await settled({ one: sourcePatientId(now), other: sourcePatientId(before) }, work);
    changes.push(
      await persons.mergeNumbers(transaction, { surviving: now, retired: before, decision, contradictory }),
    );
  }
  return changes;
}

async function changeNumbers(pair: IdentityPair, work: Work): Promise<IdentityChange[]> {
  const { transaction, persons, decision } = work;
  const changes: IdentityChange[] = [];
  for (const { now, before } of numbersOf(pair)) {
    await settled({ one: sourcePatientId(now), other: sourcePatientId(before) }, work);
    changes.push(await persons.changeNumber(transaction, { now, before, decision }));
  }
  return changes;
}

/** MRG-1 belongs to the person of PID-3 from now on; it stays a number in use. */
async function moveNumbers(pair: IdentityPair, work: Work): Promise<IdentityChange[]> {
  const { transaction, persons, decision } = work;
  const [to] = first(pair);
  const changes: IdentityChange[] = [];
  for (const number of pair.former) {
    if (pair.patients.some((patient) => isSame(patient, number))) continue;
    await settled({ one: sourcePatientId(to), other: sourcePatientId(number) }, work);
    changes.push(await persons.moveNumber(transaction, { number, to, decision }));
  }
  return changes;
}

async function linked({ one, other }: { one: string; other: string }, work: Work): Promise<IdentityChange> {
  await settled({ one, other }, work);
  return work.persons.linkPersons(work.transaction, { one, other, decision: work.decision });
}

/** The second leaves the first; who are not linked stay as they are, whoever else they are linked with. */
async function unlinked(pair: IdentityPair, work: Work): Promise<IdentityChange[]> {
  const { transaction, persons, decision } = work;
  const [one, other] = first(pair).map(sourcePatientId);
  if (one === undefined || other === undefined || one === other) return [];
  if ((await personOf(transaction, one)) !== (await personOf(transaction, other))) return [];
  return [await persons.unlink(transaction, { source: other, decision })];
}

/** True when the two contradict each other and it is to be done nevertheless. */
async function settled(pair: { one: string; other: string }, work: Work): Promise<boolean> {
  const { transaction, judging, ask, persons, decision } = work;
  const contradiction = await contradictionOf(transaction, pair, judging);
  if (!contradiction) return false;
  if ((await ask(contradiction)) === 'same') await takeBackNotSame(transaction, pair, { persons, decision });
  return true;
}

const isSame = (one: SourcePatient, other: SourcePatient): boolean =>
  one.authority === other.authority && one.identifier === other.identifier;

function first({ patients, former }: IdentityPair): [SourcePatient, SourcePatient] {
  const [one] = patients;
  const [other] = former;
  if (!one || !other)
    throw new IsthmusError('IDENTITY_REFUSED', { place: 'PID-3, MRG-1', rule: 'both patients are named' });
  return [one, other];
}

interface Renumbered {
  readonly now: SourcePatient;
  readonly before: SourcePatient;
}

/** Each number of MRG-1 with the one of its authority in PID-3; those that are in both are no change. */
function numbersOf(pair: IdentityPair): Renumbered[] {
  const { patients, former } = pair;
  first(pair);
  const pairs = former.flatMap((before) => {
    const now = patients.find(({ authority }) => authority === before.authority);
    return now ? [{ now, before }] : [];
  });
  if (pairs.length === 0)
    throw new IsthmusError('IDENTITY_REFUSED', {
      place: 'MRG-1',
      rule: 'only numbers of one assigning authority are merged; A24 links those of two',
    });
  return pairs.filter(
    ({ now, before }) => !patients.some((patient) => isSame(patient, before)) && !isSame(now, before),
  );
}
