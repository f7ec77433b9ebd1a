import type {
  Address,
  CodeableConcept,
  Device,
  Organization,
  PractitionerRole,
  Reference,
} from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { type Datatype, firstOf } from '../convert.ts';
import { ei } from '../datatypes/ei.ts';
import { practitionerRole, xcnRole } from '../datatypes/practitioner-role.ts';
import { xad } from '../datatypes/xad.ts';
import { xcn } from '../datatypes/xcn.ts';
import { organization } from '../datatypes/xon.ts';
import { mention } from '../mention.ts';
import { type Convert, placeOf } from '../segment-map.ts';

const role = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] });
const RESPONSIBLE = role('http://terminology.hl7.org/CodeSystem/practitioner-role', 'responsibleObserver');
const MEDICAL_DIRECTOR = role('http://terminology.hl7.org/CodeSystem/v2-0912', 'MDIR');

/** OBX-16: who answers for the observation. */
export const responsibleObserver: Datatype<Reference<PractitionerRole>> = xcnRole(RESPONSIBLE);

/**
 * OBX-23, 24 and 25: the organization that performed, with its address; where it names its medical director, the director in that role. The
 * first of the fields that is there speaks for them all.
 */
export const performingOrganization: Convert = (_field, context, { segment }) => {
  const { mentions } = context;
  const of = performers.get(mentions) ?? new Map<string, readonly Reference[] | undefined>();
  performers.set(mentions, of);
  const said = [mentions.about, ...[23, 24, 25].map((field) => segment.field(field).wholeText)].join('\0');
  if (!of.has(said)) {
    const performer = performerOf(segment, context);
    of.set(said, performer && [performer]);
  }
  return of.get(said);
};

/** By message and by what the fields say: a report names its laboratory in each of its results. */
const performers = new WeakMap<MapContext['mentions'], Map<string, readonly Reference[] | undefined>>();

function performerOf(obx: Segment, context: MapContext): Reference | undefined {
  const read = <T>(field: number, datatype: Datatype<T>): T | undefined =>
    obx.field(field).state === 'valued'
      ? attempt(context, placeOf(obx, field), () => firstOf(obx.field(field), datatype, context))
      : undefined;
  const address = read<Address>(24, xad);
  const named = read<Reference<Organization>>(23, (value) =>
    organization(value, context, address ? { address: [address] } : {}),
  );
  const director = read(25, xcn);
  return director
    ? practitionerRole(context, { practitioner: director, organization: named, code: MEDICAL_DIRECTOR })
    : named;
}

/** OBX-18 → Device (v2-to-FHIR guide, OBX[Observation]), mentioned: known by its number. */
export const device: Datatype<Reference<Device>> = (value, context) => {
  const identifier = ei()(value, context);
  if (!identifier?.value) return undefined;
  return mention(context, {
    type: 'Device',
    display: identifier.value,
    number: { authority: identifier.system ?? '', value: identifier.value },
    set: { identifier: [identifier] },
  }) as Reference<Device>;
};
