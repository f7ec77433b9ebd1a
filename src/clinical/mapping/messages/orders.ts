import type { Reference } from '@medplum/fhirtypes';
import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { orderCharges } from './dft.ts';
import { observationOf, observationTypeOf } from './observations.ts';
import { orderControlOf } from './order-control.ts';
import { orderDocuments } from './order-documents.ts';
import { type About, aboutOf } from './order-patient.ts';
import { isDocument } from './oru-document.ts';
import { findStrays, groupsOf, type OrderGroup, type PatientGroup } from './oru-groups.ts';
import { identifyResults, type RequestKey, requestKeysOf } from './oru-keys.ts';
import { drugOrderWrites } from './rde.ts';
import { drugOrdersOf } from './rde-groups.ts';
import { serviceRequestOf } from './service-request.ts';
import { type SeenSpecimens, specimensOf } from './specimens.ts';

/** Types that `mapOrders` takes. */
export const orderTypes: readonly string[] = ['ORM^O01', 'OML^O21', 'OMG^O19'];

/**
 * ORM^O01, OML^O21, OMG^O19: each ORC, with its OBR where there is one, a ServiceRequest as stated by whoever orders or fills, with the
 * specimens and the observations that were sent along. Patient and visit are mentioned in passing.
 */
export function mapOrders(context: MapContext): RecordWrite[] {
  const { patients, strays } = groupsOf(context.message);
  findStrays(strays, context);
  if (patients.every(({ orders }) => orders.length === 0))
    context.findings.push({ place: 'ORC', rule: 'an order has an ORC' });
  return patients.flatMap((group) => patientOrders(group, context));
}

function patientOrders(group: PatientGroup, context: MapContext): RecordWrite[] {
  const found = aboutOf(group, context);
  if (!found) return [];
  const orders = group.orders.filter((order) => isRequest(order, context));
  const requests = requestKeysOf(orders, context);
  const seen: SeenSpecimens = new Map();
  const writes = [...found.writes];
  /** Orders that the message has replaced so far, until others take their place. */
  let replaced: Reference[] = [];
  for (const order of orders) {
    const request = requests.get(order);
    if (!request) continue;
    const control = orderControlOf(order.orc, { ...context, findings: [] });
    const replaces = control.replaces ? replaced : [];
    writes.push(...orderWrites(order, context, { about: found.about, request, seen, replaces }));
    if (control.replaced) replaced.push({ reference: `ServiceRequest/${request.id}` });
    else if (!control.replaces) replaced = [];
  }
  writes.push(...prescriptions(group, context, found.about));
  const charges = (group.others ?? []).filter(({ name }) => name === 'FT1');
  const { patient, common } = found.about;
  const encounter = (common.encounter as Reference | undefined)?.reference;
  writes.push(...orderCharges(charges, context, { patient, common, encounter, personOnly: false }));
  return writes;
}

/** Order details of ORM_O01 that are drugs. */
const DRUGS: ReadonlySet<string> = new Set(['RXO', 'RXE']);

/** ORM^O01 with RXO (2.5.1, 4.4.1; prescriptions before 2.4): orders of drugs, as in RDE. */
function prescriptions(group: PatientGroup, context: MapContext, about: About): RecordWrite[] {
  const drugs = new Set(group.orders.flatMap(({ other }) => (other && DRUGS.has(other.name) ? [other] : [])));
  if (drugs.size === 0) return [];
  const orders = drugOrdersOf(context.message).orders.filter(({ rxo, rxe }) =>
    [rxo, rxe].some((segment) => segment && drugs.has(segment)),
  );
  return drugOrderWrites(orders, context, about);
}

/** Orders of diets and supplies are none of observations or drugs, and previous results (ORC-1 PR) are none of this message. */
function isRequest({ orc, other }: OrderGroup, context: MapContext): boolean {
  if (other && DRUGS.has(other.name)) return false;
  if (other) {
    context.findings.push({
      place: `${other.name}^${other.occurrence}`,
      rule: 'an order of OBR, RXO or RXE is mapped',
    });
    return false;
  }
  if (!orc || !orderControlOf(orc, { ...context, findings: [] }).previous) return true;
  context.findings.push({
    place: `ORC^${orc.occurrence}^1`,
    rule: 'previous results come from who made them',
  });
  return false;
}

interface OfPatient {
  readonly about: About;
  readonly request: RequestKey;
  readonly seen: SeenSpecimens;
  readonly replaces: readonly Reference[];
}

function orderWrites(order: OrderGroup, context: MapContext, of: OfPatient): RecordWrite[] {
  const { about, request, replaces } = of;
  if (order.obr && !order.orc)
    context.findings.push({ place: `OBR^${order.obr.occurrence}`, rule: 'an order has an ORC' });
  const sampled = specimensOf(order, context, { ...of, key: request.key });
  const said = [order, ...order.specimens].map(({ results }) => results);
  const told = said.flatMap((results, index) => {
    const measured = results.filter((result) => !isDocument(result));
    return identifyResults(measured, { key: `told|${request.key}|${index}` }, context).map((result) =>
      observationOf(result, context, { about, order, category: observationTypeOf(result) }),
    );
  });
  told.push(...orderDocuments(said.flat().filter(isDocument), context, { about, key: request.key }));
  const stated = serviceRequestOf(order, context, {
    about,
    request,
    specimens: sampled.references,
    supportingInfo: told.map(({ type, id }) => ({ reference: `${type}/${id}` })),
    replaces,
    copy: false,
  });
  return [stated, ...sampled.writes, ...told];
}
