import type { Condition, Encounter, EncounterDiagnosis } from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import type { WriteContext } from '../context.ts';
import { asSent, cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xcnOf } from '../datatypes/person.ts';
import { from } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { conditionStands } from './standing.ts';

export interface DiagnosisFacts {
  readonly encounter?: Encounter;
  /** All of the visit, or of the patient: DG1 is a list that replaces the receiver's. */
  readonly conditions?: readonly Condition[];
}

/** One segment: a condition in one of its roles. */
interface Diagnosed {
  readonly condition: Condition;
  readonly diagnosis: EncounterDiagnosis | undefined;
}

/** In the order of the visit; one condition in two roles is two segments. */
function diagnosedOf({ encounter, conditions = [] }: DiagnosisFacts): Diagnosed[] {
  const standing = conditions.filter(conditionStands);
  const named = (encounter?.diagnosis ?? []).flatMap((diagnosis) => {
    const condition = standing.find(({ id }) => diagnosis.condition.reference === `Condition/${id}`);
    return condition ? [{ condition, diagnosis }] : [];
  });
  const others = standing.filter((condition) => !named.some((one) => one.condition === condition));
  return [...named, ...others.map((condition) => ({ condition, diagnosis: undefined }))];
}

const ROLE = 'http://terminology.hl7.org/CodeSystem/diagnosis-role';
const CERTAINTIES: Readonly<Record<string, string>> = { provisional: 'W', confirmed: 'F' };
/** diagnosis-role to 0052, for roles that nobody sent. */
const ROLES: Readonly<Record<string, string>> = { AD: 'A', DD: 'F' };

/** 0052: what it is to the visit, or else how sure one is. */
function kind({ condition, diagnosis }: Diagnosed, context: WriteContext): RepetitionValue {
  const certainty = CERTAINTIES[condition.verificationStatus?.coding?.[0]?.code ?? ''];
  if (!diagnosis?.use) return certainty;
  const sent = asSent(diagnosis.use, [ROLE]);
  const [first] = sent.coding ?? [];
  return first?.system === ROLE ? (ROLES[first.code ?? ''] ?? certainty) : cwe(sent, context);
}

const ASSERTED = 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate';

/** DG1 from each Condition that stands, in its roles (2.5.1, 6.5.2). */
export const diagnoses = <F extends DiagnosisFacts>(): SegmentPart<F, Diagnosed> =>
  each<F, Diagnosed>('DG1', diagnosedOf, {
    3: from('Condition.code', ({ condition }) => condition.code, cwe),
    5: from('Condition.onsetDateTime', ({ condition }) => condition.onsetDateTime, dtm),
    6: { from: 'Encounter.diagnosis.use, Condition.verificationStatus', write: kind },
    15: from(
      'Encounter.diagnosis.rank',
      ({ diagnosis }) => diagnosis?.rank,
      (rank) => rank,
    ),
    16: from('Condition.asserter', ({ condition }) => condition.asserter, xcnOf),
    19: from(
      'Condition.recordedDate',
      ({ condition }) =>
        condition.recordedDate ?? condition.extension?.find(({ url }) => url === ASSERTED)?.valueDateTime,
      dtm,
    ),
    20: from(
      'Condition.identifier from DG1-20',
      ({ condition }) => ofField(condition.identifier, 'DG1-20')[0],
      ei,
    ),
  });
