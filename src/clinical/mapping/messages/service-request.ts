import type { Organization, Practitioner, PractitionerRole, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { allOf, type Datatype, firstOf, present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { practitionerRole } from '../datatypes/practitioner-role.ts';
import { xad } from '../datatypes/xad.ts';
import { practitioner as practitionerOf } from '../datatypes/xcn.ts';
import { organization } from '../datatypes/xon.ts';
import { xtn } from '../datatypes/xtn.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { annotationsOf } from '../segments/nte.ts';
import { obrServiceRequest } from '../segments/obr-service-request.ts';
import { orcServiceRequest } from '../segments/orc-service-request.ts';
import { quantityTiming, timingOf, tq1ServiceRequest } from '../segments/tq1-service-request.ts';
import { writeOf } from '../write.ts';
import { orderControlOf, orderStatusOf } from './order-control.ts';
import type { About } from './order-patient.ts';
import type { OrderGroup } from './oru-groups.ts';
import type { RequestKey } from './oru-keys.ts';
import { overlaid, patchOf } from './patches.ts';
import { partiesIn } from './roles.ts';

export interface RequestParts {
  readonly about: About;
  readonly request: RequestKey;
  /** Specimens it is to be done on, and what was told along with it. */
  readonly specimens: readonly Reference[];
  readonly supportingInfo: readonly Reference[];
  /** Orders that this one takes the place of. */
  readonly replaces?: readonly Reference[];
  /** Named by somebody who does not own the order: a result. */
  readonly copy: boolean;
  /** Notes and diagnoses behind OBR are the order's even in a copy: there is no report that they could be of. */
  readonly isAlone?: boolean;
}

/** ORC, OBR, TQ1, NTE and DG1 of an order as a ServiceRequest; each says better what those before it said, too. */
export function serviceRequestOf(order: OrderGroup, context: MapContext, parts: RequestParts): RecordWrite {
  const { about, request, copy, isAlone = !copy } = parts;
  const { orc, obr, timings } = order;
  const patch = overlaid([
    patchOf(obrServiceRequest, obr, context),
    quantityTiming(obr, 27, context),
    patchOf(orcServiceRequest, orc, context),
    quantityTiming(orc, 7, context),
    ...timings.map((tq1) => timed(tq1, context)),
  ]);
  const status = orderStatusOf(orc, orderControlOf(orc, context), context);
  Object.assign(patch.set, about.common, {
    ...(status ? { status } : {}),
    ...(isAlone ? stated(order, context) : {}),
    ...listed('specimen', parts.specimens),
    ...listed('supportingInfo', parts.supportingInfo),
    ...listed('replaces', parts.replaces ?? []),
  });
  const requester = requesterOf(order, context) ?? partiesIn(order.roles, ORDERING, context)[0];
  if (requester) patch.set.requester = requester;
  return writeOf(context, {
    type: 'ServiceRequest',
    ...request,
    patient: about.patient,
    patch,
    initial: { status: 'unknown', intent: 'order' },
    copy,
  });
}

/** The ordering provider (PRT-4, ROL-3), where ORC-12 and OBR-16 name nobody. */
const ORDERING: ReadonlySet<string> = new Set(['OP']);

function timed(tq1: Segment, context: MapContext): Patch {
  const patch = mapSegment(tq1ServiceRequest, tq1, context);
  const timing = timingOf(tq1, context);
  if (timing) patch.set['occurrence[x]'] = { Timing: timing };
  return patch;
}

/** Notes and diagnoses of an order belong to it; those of a result to the report. */
function stated({ notes, diagnoses }: OrderGroup, context: MapContext): Record<string, unknown> {
  const reasons = diagnoses.flatMap(
    (dg1) => attempt(context, placeOf(dg1, 3), () => firstOf(dg1.field(3), cwe(), context)) ?? [],
  );
  return {
    ...present<object>({ 'note@NTE-3': annotationsOf(notes, context) }),
    ...listed('reasonCode@DG1-3', reasons),
  };
}

const listed = (slot: string, items: readonly unknown[]): Record<string, unknown> =>
  items.length === 0 ? {} : { [slot]: items };

/** ORC-12 or OBR-16, with the address in ORC-24; for the facility that orders (ORC-21 to 23), where it is named: then the provider in their role there. */
function requesterOf({ orc, obr }: OrderGroup, context: MapContext): Reference | undefined {
  const named = orc?.field(12).state === 'valued' ? { segment: orc, field: 12 } : { segment: obr, field: 16 };
  const { segment, field } = named;
  const address = orc ? allOf(orc.field(24), xad, { context, place: placeOf(orc, 24) }) : [];
  const read: Datatype<Reference<Practitioner>> = (value) =>
    practitionerOf(value, context, address.length > 0 ? { address } : {});
  const practitioner =
    segment && attempt(context, placeOf(segment, field), () => firstOf(segment.field(field), read, context));
  const facility = orc && facilityOf(orc, context);
  return facility
    ? (practitionerRole(context, { practitioner, organization: facility }) as Reference<PractitionerRole>)
    : practitioner;
}

function facilityOf(orc: Segment, context: MapContext): Reference<Organization> | undefined {
  if (orc.field(21).state !== 'valued') return undefined;
  const address = allOf(orc.field(22), xad, { context, place: placeOf(orc, 22) });
  const telecom = allOf(orc.field(23), xtn('work'), { context, place: placeOf(orc, 23) });
  const details = {
    ...(address.length > 0 ? { address } : {}),
    ...(telecom.length > 0 ? { telecom } : {}),
  };
  return attempt(context, placeOf(orc, 21), () =>
    organization(orc.field(21).repetition(1), context, details),
  );
}
