import type { AccountGuarantor } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { patientReference, type RecordWrite, resourceId } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf, present } from '../convert.ts';
import { cx } from '../datatypes/cx.ts';
import { date } from '../datatypes/dtm.ts';
import { xon } from '../datatypes/xon.ts';
import { placeOf } from '../segment-map.ts';
import { gt1 } from '../segments/gt1.ts';
import { isSelf } from '../segments/relationship.ts';
import { writeOf } from '../write.ts';
import { type About, nameKeyOf, patientScope, scopeOf } from './about.ts';
import { relatedPerson, selfReference } from './adt-people.ts';
import { scopeOfNumber } from './numbered.ts';
import { referenceTo, snapshotOf } from './snapshot.ts';

interface AccountParts {
  readonly pid: Segment;
  readonly guarantors: readonly Segment[];
  readonly coverages: readonly string[];
}

/** PID-18 as Account (v2-to-FHIR guide, PID[Account]), with who vouches for it (GT1) and who pays (IN1). Without a number it is the visit's. */
export function accountWrites(
  { pid, guarantors, coverages }: AccountParts,
  about: About,
  context: MapContext,
): { writes: RecordWrite[]; account: string | undefined } {
  const identifier = attempt(context, placeOf(pid, 18), () => firstOf(pid.field(18), cx, context));
  if (!identifier && guarantors.length === 0) return { writes: [], account: undefined };
  const { patient } = about;
  const { writes, parties } = guarantorWrites(guarantors, about, context);
  const { scope, key } = accountKeyOf(pid, about, context);
  const set = {
    ...(identifier ? { 'identifier@PID-18': [identifier] } : {}),
    subject: [{ reference: patientReference(patient) }],
    ...(coverages.length > 0
      ? { coverage: coverages.map((reference, index) => ({ coverage: { reference }, priority: index + 1 })) }
      : {}),
    ...(parties.length > 0 ? { guarantor: parties } : {}),
  };
  const account = writeOf(context, {
    type: 'Account',
    id: resourceId('Account', scope, key),
    key,
    patient,
    patch: { set, remove: guarantors.length > 0 && parties.length === 0 ? ['guarantor'] : [] },
    initial: { status: 'active' },
  });
  return { writes: [...writes, account], account: referenceTo(account) };
}

function accountKeyOf(pid: Segment, about: About, context: MapContext): { scope: string; key: string } {
  const field = pid.field(18);
  const number = field.component(1).trim();
  if (number === '') return { scope: context.system, key: `account of ${scopeOf(about)}` };
  return { scope: scopeOfNumber(field, context), key: `account|${number}` };
}

/** GT1 as guarantors, as a whole: the patient, an organization (GT1-21), or a person. */
function guarantorWrites(
  segments: readonly Segment[],
  { patient }: About,
  context: MapContext,
): { writes: RecordWrite[]; parties: AccountGuarantor[] } {
  if (segments.length === 0) return { writes: [], parties: [] };
  const people = new Map<string, RecordWrite>();
  const parties = segments.flatMap((segment) => {
    const period = attempt(context, placeOf(segment, 13), () =>
      present({
        start: firstOf(segment.field(13), date, context),
        end: firstOf(segment.field(14), date, context),
      }),
    );
    const party = partyOf(segment, { patient, context, people });
    return party ? [{ party, ...(period ? { period } : {}) } as AccountGuarantor] : [];
  });
  const writes = [...people.values()];
  const members = writes.map(referenceTo);
  return { writes: [...writes, snapshotOf(context, { group: 'guarantors', patient, members })], parties };
}

function partyOf(
  segment: Segment,
  {
    patient,
    context,
    people,
  }: { patient: About['patient']; context: MapContext; people: Map<string, RecordWrite> },
): AccountGuarantor['party'] | undefined {
  if (isSelf(segment.field(11).text)) return selfReference(patient);
  const name = nameKeyOf(segment.field(3));
  if (name === '')
    return attempt(context, placeOf(segment, 21), () => firstOf(segment.field(21), xon, context));
  const key = `guarantor|${patientScope(patient)}|${name}`;
  const write = relatedPerson(context, { map: gt1, segment, key, patient });
  people.set(write.id, write);
  return { reference: referenceTo(write) };
}
