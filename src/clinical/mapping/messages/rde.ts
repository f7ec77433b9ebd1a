import type { MedicationRequest, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { type RecordWrite, resourceId } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { allOf } from '../convert.ts';
import { placeOf } from '../segment-map.ts';
import { drugOf } from '../segments/medication.ts';
import { annotationsOf } from '../segments/nte.ts';
import { orcMedicationRequest } from '../segments/orc-medication-request.ts';
import { rxe as rxeMap, rxo as rxoMap } from '../segments/rxe.ts';
import { priority } from '../segments/tq1-service-request.ts';
import { writeOf } from '../write.ts';
import { observationOf, observationTypeOf, UNKNOWN } from './observations.ts';
import { orderControlOf, orderStatusOf } from './order-control.ts';
import { emptyOrder } from './oru-groups.ts';
import { identifyResults } from './oru-keys.ts';
import { type Numbered, numberedBy, ofThisMessage, type Passing, passingOf } from './passing.ts';
import { overlaid, patchOf } from './patches.ts';
import { dosagesOf } from './rde-dosage.ts';
import { type DrugOrder, drugOrdersOf } from './rde-groups.ts';

/** Types that `mapRde` takes: the encoded order, its name before 2.4, and an authorized refill. */
export const drugOrderTypes: readonly string[] = ['RDE^O11', 'RDE^O01', 'RDE^O25'];

/** RDE: each order of a drug a MedicationRequest, as asked for and as encoded; patient and visit are mentioned in passing. */
export function mapRde(context: MapContext): RecordWrite[] {
  const passing = passingOf(context);
  if (!passing) return [];
  const { orders, strays } = drugOrdersOf(context.message);
  for (const { name, occurrence } of strays)
    context.findings.push({ place: `${name}^${occurrence}`, rule: `${name} follows an order` });
  if (orders.length === 0) context.findings.push({ place: 'RXE', rule: 'an order of a drug has an RXE' });
  return [...passing.writes, ...drugOrderWrites(orders, context, passing)];
}

/** Whom an order of a drug is for. */
type Prescribed = Pick<Passing, 'patient' | 'common'>;

/** Orders of drugs as MedicationRequests, in the order in which they stand. */
export function drugOrderWrites(
  orders: readonly DrugOrder[],
  context: MapContext,
  passing: Prescribed,
): RecordWrite[] {
  const seen = new Set<string>();
  /** The order that the message has replaced last, until another takes its place. */
  let replaced: Reference | undefined;
  const writes: RecordWrite[] = [];
  for (const order of orders) {
    const segment = order.rxe ?? order.rxo ?? order.orc;
    if (!segment) continue;
    if (segment === order.orc && !ends(order.orc))
      context.findings.push({ place: placeOf(segment, 1), rule: 'an order of a drug has an RXE or RXO' });
    const control = orderControlOf(order.orc, { ...context, findings: [] });
    const prior = control.replaces ? replaced : undefined;
    const { scope, key } = keyOf(order, segment, { context, seen });
    const id = resourceId('MedicationRequest', scope, key);
    writes.push(...orderWrites(order, context, { passing, id, key: `${scope}|${key}`, prior }));
    replaced = control.replaced ? { reference: `MedicationRequest/${id}` } : undefined;
  }
  return writes;
}

interface Of {
  readonly passing: Prescribed;
  readonly id: string;
  readonly key: string;
  readonly prior: Reference | undefined;
}

function orderWrites(order: DrugOrder, context: MapContext, { passing, id, key, prior }: Of): RecordWrite[] {
  const { orc, rxo, rxe, notes } = order;
  const told = observed(order, context, { passing, key });
  const patch = overlaid([
    patchOf(rxoMap, rxo, context),
    patchOf(rxeMap, rxe, context),
    patchOf(orcMedicationRequest, orc, context),
  ]);
  const { code, contained } = drugOf(order, context);
  const slots: Record<string, unknown> = {
    status: statusOf(orc, context),
    priority: priorityOf(order, context),
    dosageInstruction: dosagesOf(order, context),
    'note@NTE-3': annotationsOf(notes, context),
    priorPrescription: prior,
    supportingInformation:
      told.length > 0 ? told.map((write) => ({ reference: `Observation/${write.id}` })) : undefined,
    'medication[x]': contained
      ? {
          Reference: {
            reference: '#medication',
            ...(code?.text === undefined ? {} : { display: code.text }),
          },
        }
      : code && { CodeableConcept: code },
    contained: contained && [contained],
  };
  for (const [slot, value] of Object.entries(slots)) if (value !== undefined) patch.set[slot] = value;
  if (code && !contained) patch.remove.push('contained');
  Object.assign(patch.set, passing.common);
  const request = writeOf(context, {
    type: 'MedicationRequest',
    id,
    key,
    patient: passing.patient,
    patch,
    initial: { status: 'unknown', intent: 'order', 'medication[x]': { CodeableConcept: UNKNOWN } },
  });
  return [request, ...told];
}

/** A cancellation needs no drug. */
const ends = (orc: Segment): boolean => ENDS.has(orc.field(1).text.trim().toUpperCase());
const ENDS: ReadonlySet<string> = new Set('CA DC OC OD CR DR UC UD UA DF HD HR RL OH OR OK'.split(' '));

/** Codes that end what was begun; others that revoke an order do so before. */
const STOPS: ReadonlySet<string> = new Set(['DC', 'OD', 'DR', 'DF', 'RP', 'RU', 'RQ']);

/** ORC-1 and ORC-5 as for other orders, in MedicationRequest's words. */
function statusOf(orc: Segment | undefined, context: MapContext): MedicationRequest['status'] | undefined {
  const status = orderStatusOf(orc, orderControlOf(orc, context), context);
  if (status !== 'revoked') return status;
  const codes = [orc?.field(1).text, orc?.field(5).text].map((code = '') => code.trim().toUpperCase());
  return codes.some((code) => STOPS.has(code)) ? 'stopped' : 'cancelled';
}

/** TQ1-9, of the first that has one of FHIR's; PRN is no priority but a condition. */
function priorityOf({ timings }: DrugOrder, context: MapContext): MedicationRequest['priority'] | undefined {
  return timings
    .filter((tq1) => tq1.field(9).text.trim().toUpperCase() !== 'PRN')
    .flatMap((tq1) => allOf(tq1.field(9), priority, { context, place: placeOf(tq1, 9) }))[0];
}

/** The placer's number, or the filler's, or the prescription's; several of one number are told apart by their drug. */
function keyOf(
  { orc, rxe, rxo }: DrugOrder,
  segment: Segment,
  { context, seen }: { context: MapContext; seen: Set<string> },
): Numbered {
  const base =
    (orc && numberedBy(orc, 2, { kind: 'placer', context })) ??
    (orc && numberedBy(orc, 3, { kind: 'filler', context })) ??
    (rxe && numberedBy(rxe, 15, { kind: 'prescription', context })) ??
    ofThisMessage(segment, 'drug order', context);
  const drug = (rxe ? rxe.field(2) : rxo?.field(1))?.component(1).trim() ?? '';
  for (const key of [base.key, `${base.key}|${drug}`]) {
    if (seen.has(`${base.scope}|${key}`)) continue;
    seen.add(`${base.scope}|${key}`);
    return { scope: base.scope, key };
  }
  return { scope: base.scope, key: `${base.key}|${drug}#${segment.occurrence}` };
}

/** OBX with an order: what whoever prescribes went by, such as a weight. */
function observed(
  { results }: DrugOrder,
  context: MapContext,
  { passing, key }: { passing: Prescribed; key: string },
): RecordWrite[] {
  return identifyResults(results, { key: `drug order|${key}` }, context).map((result) =>
    observationOf(result, context, {
      about: passing,
      order: emptyOrder(),
      category: observationTypeOf(result),
    }),
  );
}
