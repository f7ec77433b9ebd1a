import type { Organization, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import { authorityOf } from '../../source-patients/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { allOf, firstOf, present } from '../convert.ts';
import { cx } from '../datatypes/cx.ts';
import { hdAt } from '../datatypes/hd.ts';
import { xad } from '../datatypes/xad.ts';
import { type OrganizationDetails, organization } from '../datatypes/xon.ts';
import { xpn } from '../datatypes/xpn.ts';
import { xtn } from '../datatypes/xtn.ts';
import { mention } from '../mention.ts';
import { emptyPatch, mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { in1Coverage, in2Coverage } from '../segments/in1-coverage.ts';
import { in1Subscriber, in2Subscriber } from '../segments/in1-subscriber.ts';
import { isSelf } from '../segments/relationship.ts';
import { type About, nameKeyOf, ownWrite, patientScope } from './about.ts';
import type { AdtGroup } from './adt-groups.ts';
import { relatedPerson, selfReference } from './adt-people.ts';
import { referenceTo, snapshotOf } from './snapshot.ts';

type Insurance = AdtGroup['insurances'][number];

export interface Insured {
  readonly writes: RecordWrite[];
  /** `Coverage/id`, in the order in which they are asked to pay. */
  readonly coverages: readonly string[];
}

/** IN1 and IN2 as the patient's coverages, as a whole, each with who pays and who is insured. */
export function insuranceWrites(
  insurances: readonly Insurance[],
  about: About,
  context: MapContext,
): Insured {
  if (insurances.length === 0) return { writes: [], coverages: [] };
  const writes = new Map<string, RecordWrite>();
  const coverages = new Set<string>();
  for (const insurance of insurances) {
    const key = policyKeyOf(insurance.in1);
    if (key === '') {
      context.findings.push({
        place: placeOf(insurance.in1, 2),
        rule: 'an insurance has a plan or a company',
      });
      continue;
    }
    const { coverage, subscriber } = coverageWrites(insurance, key, { about, context });
    for (const write of [subscriber, coverage]) if (write) writes.set(referenceTo(write), write);
    coverages.add(referenceTo(coverage));
  }
  const { patient } = about;
  const list = snapshotOf(context, { group: 'insurances', patient, members: [...coverages] });
  return { writes: [...writes.values(), list], coverages: [...coverages] };
}

/** The company with the policy's number, or, where that is missing, with the plan. */
function policyKeyOf(in1: Segment): string {
  const company = in1.field(3).component(1).trim() || in1.field(4).component(1).trim().toLowerCase();
  const plan = in1.field(2).component(1).trim() || in1.field(2).component(2).trim();
  const policy = in1.field(36).text.trim() || in1.field(49).component(1).trim();
  return company === '' && plan === '' ? '' : `${company}|${policy === '' ? `plan ${plan}` : policy}`;
}

function coverageWrites(
  { in1, in2 }: Insurance,
  key: string,
  { about: { patient }, context }: { about: About; context: MapContext },
): { coverage: RecordWrite; subscriber: RecordWrite | undefined } {
  const patch = mapSegment(in1Coverage, in1, context);
  if (in2) mapSegment(in2Coverage, in2, context, patch);
  patch.set.status = 'active';
  patch.set.payor = [payorOf(in1, context)];
  const subscriber = isSelf(in1.field(17).text)
    ? undefined
    : subscriberWrite({ in1, in2 }, { patient, context });
  if (isSelf(in1.field(17).text)) patch.set.subscriber = selfReference(patient);
  else if (subscriber) patch.set.subscriber = { reference: referenceTo(subscriber) };
  const coverage = ownWrite(context, {
    type: 'Coverage',
    key: `${patientScope(patient)}|${key}`,
    patient,
    patch,
    subject: 'beneficiary',
  });
  return { coverage, subscriber };
}

function subscriberWrite(
  { in1, in2 }: Insurance,
  { patient, context }: { patient: About['patient']; context: MapContext },
): RecordWrite | undefined {
  const name = nameKeyOf(in1.field(16));
  if (name === '') return undefined;
  const patch: Patch = emptyPatch();
  if (in2) mapSegment(in2Subscriber, in2, context, patch);
  const key = `insured|${patientScope(patient)}|${name}`;
  return relatedPerson(context, { map: in1Subscriber, segment: in1, key, patient, patch });
}

/** IN1-3 number and IN1-4 name of the company, with address, contact and telephone. A plan whose company is not named pays itself. */
function payorOf(in1: Segment, context: MapContext): Reference<Organization> {
  const read = <T>(field: number, work: () => T): T | undefined =>
    attempt(context, placeOf(in1, field), work);
  const details = detailsOf(in1, context);
  const [number] = in1.field(3).repetitions;
  const value = number?.component(1).trim() ?? '';
  if (!number || value === '') {
    const named = read(4, () => firstOf(in1.field(4), (one) => organization(one, context, details), context));
    return named ?? { display: in1.field(2).component(2) || in1.field(2).component(1) };
  }
  const authority = hdAt(number, 4);
  const name = in1.field(4).component(1).trim();
  const identifier = cx(number, context);
  return mention(context, {
    type: 'Organization',
    display: name || value,
    number: {
      authority: authorityOf(authority, context.authorities) || `insurers of ${context.system}`,
      value,
    },
    set: { ...present({ identifier: identifier && [identifier], name: name || undefined }), ...details },
  }) as Reference<Organization>;
}

function detailsOf(in1: Segment, context: MapContext): OrganizationDetails {
  const address = allOf(in1.field(5), xad, { context, place: placeOf(in1, 5) });
  const telecom = allOf(in1.field(7), xtn('work'), { context, place: placeOf(in1, 7) });
  const contact = allOf(in1.field(6), xpn, { context, place: placeOf(in1, 6) }).map((name) => ({ name }));
  return {
    ...(address.length > 0 ? { address } : {}),
    ...(telecom.length > 0 ? { telecom } : {}),
    ...(contact.length > 0 ? { contact } : {}),
  };
}
