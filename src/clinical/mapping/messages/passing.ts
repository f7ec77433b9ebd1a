import type { Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { authorityScope, type Elements, type RecordWrite } from '../../record/index.ts';
import { authorityOf, type SourcePatient } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { placeOf } from '../segment-map.ts';
import { aboutOf } from './order-patient.ts';
import { PATIENT_SEGMENTS } from './order-people.ts';
import { groupsOf } from './oru-groups.ts';
import { requestKeysOf } from './oru-keys.ts';
import { serviceRequestOf } from './service-request.ts';

/** Patient and visit of a message that is no registration: it names them in passing. */
export interface Passing {
  readonly patient: SourcePatient;
  /** `Encounter/id`, when the visit is known. */
  readonly encounter: string | undefined;
  readonly personOnly: false;
  /** What every resource of the message carries. */
  readonly common: Elements;
  /** Patient and visit, as copies. */
  readonly writes: readonly RecordWrite[];
}

/** PID, PV1 and PV2 of a message about one patient. Undefined when nothing can be filed; a further PID is a finding. */
export function passingOf(context: MapContext): Passing | undefined {
  const { message } = context;
  const [pid, ...further] = message.segments('PID');
  for (const other of further)
    context.findings.push({ place: placeOf(other, 3), rule: 'a message of this type is about one patient' });
  const [pv1, ...furtherVisits] = message.segments('PV1');
  for (const { occurrence } of furtherVisits)
    context.findings.push({ place: `PV1^${occurrence}`, rule: 'once for a patient' });
  const pv2 = message.segment('PV2');
  const others = message.segments().filter(({ name }) => PATIENT_SEGMENTS.has(name));
  const found = aboutOf({ pid, pv1, pv2, orders: [], others }, context);
  if (!found) return undefined;
  const { patient, common } = found.about;
  const encounter = (common.encounter as Reference | undefined)?.reference;
  return { patient, encounter, personOnly: false, common, writes: found.writes };
}

/** The orders that a message is an answer to, or a bill of: ORC and OBR, as copies. */
export function ordersInPassing(context: MapContext, about: Passing): RecordWrite[] {
  const [group] = groupsOf(context.message).patients;
  const orders = (group?.orders ?? []).filter(({ obr }) => obr);
  const requests = requestKeysOf(orders, context);
  return orders.flatMap((order) => {
    const request = requests.get(order);
    const parts = { about, specimens: [], supportingInfo: [], copy: true, isAlone: true };
    return request ? [serviceRequestOf(order, context, { ...parts, request })] : [];
  });
}

/** A number, and within what it is one. */
export interface Numbered {
  readonly scope: string;
  readonly key: string;
}

/** EI: a number within its assigning authority, or within the sender where none is named. Undefined when there is no number. */
export function numberedBy(
  segment: Segment,
  field: number,
  { kind, context }: { readonly kind: string; readonly context: MapContext },
): Numbered | undefined {
  const value = segment.field(field);
  const number = value.component(1).trim();
  if (number === '') return undefined;
  const named = { namespace: value.component(2), universalId: value.component(3) };
  const authority = authorityOf(named, context.authorities);
  return {
    scope: authority === '' ? context.system : authorityScope(authority),
    key: `${kind}|${number}`,
  };
}

/** What has no number is known by its place in the message, so that a repeat is still a repeat. */
export const ofThisMessage = (segment: Segment, kind: string, context: MapContext): Numbered => ({
  scope: context.system,
  key: `${kind} of message|${context.mentions.about}|${context.message.header.controlId}|${segment.occurrence}`,
});
