import type { ChargeItem } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { type RecordWrite, resourceId } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { mapSegment, placeOf } from '../segment-map.ts';
import { ft1 as ft1Map, isCredit } from '../segments/ft1.ts';
import { annotationsOf } from '../segments/nte.ts';
import { codeTable } from '../tables.ts';
import { writeOf } from '../write.ts';
import { scopeOf } from './about.ts';
import { diagnosisWrites } from './adt-diagnoses.ts';
import { observationWrites } from './adt-observations.ts';
import { procedureWrites } from './adt-procedures.ts';
import { chargesOf, type Transaction } from './dft-groups.ts';
import { UNKNOWN } from './observations.ts';
import { ordersInPassing, type Passing, passingOf } from './passing.ts';
import { referenceTo } from './snapshot.ts';

/** Types that `mapDft` takes: detail of charges, and the same with what it was posted for (2.6). */
export const chargeTypes: readonly string[] = ['DFT^P03', 'DFT^P11'];

/**
 * DFT: each FT1 that charges or credits a ChargeItem, with the procedures it is for; patient, visit, diagnoses and orders are mentioned in
 * passing.
 */
export function mapDft(context: MapContext): RecordWrite[] {
  const passing = passingOf(context);
  if (!passing) return [];
  const { transactions, diagnoses, procedures, observations } = chargesOf(context.message);
  if (transactions.length === 0) context.findings.push({ place: 'FT1', rule: 'a charge has an FT1' });
  const seen = new Map<string, number>();
  return [
    ...passing.writes,
    ...ordersInPassing(context, passing),
    ...inPassing(diagnosisWrites(diagnoses, passing, context).writes),
    ...inPassing(procedureWrites(procedures, passing, context)),
    ...observationWrites(observations, passing, context),
    ...transactions.flatMap((transaction) => chargeWrites(transaction, context, { passing, seen })),
  ];
}

/** FT1 beside an order (2.5.1, 4.4): charges of the patient and visit that it is for. */
export function orderCharges(
  charges: readonly Segment[],
  context: MapContext,
  passing: Charged,
): RecordWrite[] {
  const seen = new Map<string, number>();
  return charges.flatMap((ft1) =>
    chargeWrites({ ft1, notes: [], procedures: [] }, context, { passing, seen }),
  );
}

/** Whom a charge is for. */
type Charged = Pick<Passing, 'patient' | 'encounter' | 'personOnly' | 'common'>;

/** What a bill lists is what it was for, and not all that there is: it completes, and ends nothing. */
const inPassing = (writes: readonly RecordWrite[]): RecordWrite[] =>
  writes.filter(({ type }) => type !== 'List').map((write) => ({ ...write, copy: true }));

/** 0017 Transaction type. Payments, copayments and adjustments are between payer and provider, and of no service to the patient. */
const statuses = codeTable<ChargeItem['status']>({ CG: 'billable', CD: 'billable' });
const NO_CHARGE: ReadonlySet<string> = new Set(['PY', 'AJ', 'CO']);

interface Of {
  readonly passing: Charged;
  /** How often a number was met in the message. */
  readonly seen: Map<string, number>;
}

function chargeWrites(transaction: Transaction, context: MapContext, { passing, seen }: Of): RecordWrite[] {
  const { ft1, notes, procedures } = transaction;
  const type = ft1.field(6).text.trim().toUpperCase();
  if (NO_CHARGE.has(type)) {
    context.findings.push({ place: placeOf(ft1, 6), rule: 'payments and adjustments are no charges' });
    return [];
  }
  const status = statuses[type];
  if (!status) context.findings.push({ place: placeOf(ft1, 6), rule: 'a code of table 0017 is needed' });
  const done = inPassing(procedureWrites(procedures, passing, context));
  const patch = mapSegment(ft1Map, ft1, context);
  const note = annotationsOf(notes, context);
  Object.assign(patch.set, {
    subject: passing.common.subject,
    ...(passing.encounter === undefined ? {} : { context: { reference: passing.encounter } }),
    ...(status ? { status } : {}),
    ...(done.length > 0 ? { service: done.map((one) => ({ reference: referenceTo(one) })) } : {}),
    ...(note ? { 'note@NTE-3': note } : {}),
  });
  const key = keyOf(ft1, context, { passing, seen });
  const charge = writeOf(context, {
    type: 'ChargeItem',
    id: resourceId('ChargeItem', context.system, key),
    key,
    patient: passing.patient,
    patch: { set: patch.set, remove: patch.remove.filter((slot) => !(slot in patch.set)) },
    initial: { status: 'unknown', code: UNKNOWN },
  });
  return [...done, charge];
}

/**
 * FT1-2 within the visit, because senders count transactions anew for each patient; a credit is not the charge that it takes back. Without a
 * number it is the message and the place in it.
 */
function keyOf(ft1: Segment, context: MapContext, { passing, seen }: Of): string {
  const number = ft1.field(2).text.trim();
  const kind = isCredit(ft1) ? 'credit' : 'charge';
  const name = number === '' ? `message ${context.message.header.controlId}` : number;
  const base = `${kind}|${scopeOf(passing)}|${name}`;
  const count = (seen.get(base) ?? 0) + 1;
  seen.set(base, count);
  return count === 1 ? base : `${base}#${count}`;
}
