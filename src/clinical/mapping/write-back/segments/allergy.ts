import type {
  AllergyIntolerance,
  AllergyIntoleranceReaction,
  CodeableConcept,
  Extension,
} from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import type { WriteContext } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { allergyStands } from './standing.ts';

export interface AllergyFacts {
  /** All that the patient is known to have: AL1 is a list that replaces the receiver's. */
  readonly allergies?: readonly AllergyIntolerance[];
}

/** One segment: an allergy with one of its reactions, since each has a severity of its own. */
interface Line {
  readonly allergy: AllergyIntolerance;
  readonly reaction: AllergyIntoleranceReaction | undefined;
}

const linesOf = (allergy: AllergyIntolerance): Line[] =>
  (allergy.reaction ?? [undefined]).map((reaction) => ({ allergy, reaction }));

/** The primitives beside which a code is kept as it was sent. */
interface Originals {
  readonly _category?: readonly { readonly extension?: readonly Extension[] }[];
  readonly _criticality?: { readonly extension?: readonly Extension[] };
}
const ALTERNATE = 'http://hl7.org/fhir/StructureDefinition/alternate-codes';
const original = (extension: readonly Extension[] | undefined): CodeableConcept | undefined =>
  extension?.find(({ url }) => url === ALTERNATE)?.valueCodeableConcept;

/** 0127 Allergen type; MA, of none of FHIR's categories. */
const KINDS: Readonly<Record<string, string>> = {
  medication: 'DA',
  food: 'FA',
  environment: 'EA',
  biologic: 'AA',
};
/** 0128 Allergy severity, as severity of a reaction and as criticality. */
const SEVERITIES: Readonly<Record<string, string>> = { severe: 'SV', moderate: 'MO', mild: 'MI' };
const CRITICALITIES: Readonly<Record<string, string>> = { high: 'SV', low: 'MI' };

function kind({ allergy }: Line, context: WriteContext): RepetitionValue {
  const [first] = allergy.category ?? [];
  const sent = original((allergy as Originals)._category?.[0]?.extension);
  if (sent) return cwe(sent, context);
  return first === undefined ? (allergy.type === 'allergy' && 'MA') || undefined : KINDS[first];
}

function severity({ allergy, reaction }: Line, context: WriteContext): RepetitionValue {
  const ofReaction = SEVERITIES[reaction?.severity ?? ''];
  const ofAllergy = CRITICALITIES[allergy.criticality ?? ''];
  if (ofReaction !== undefined && ofReaction !== ofAllergy) return ofReaction;
  const sent = original((allergy as Originals)._criticality?.extension);
  return sent ? cwe(sent, context) : ofAllergy;
}

const common: Fields<Line> = {
  2: { from: 'AllergyIntolerance.category, AllergyIntolerance.type', write: kind },
  3: from('AllergyIntolerance.code', ({ allergy }) => allergy.code, cwe),
  4: { from: 'AllergyIntolerance.reaction.severity, AllergyIntolerance.criticality', write: severity },
};

const words = ({ text, coding = [] }: CodeableConcept): string | undefined =>
  text ?? coding[0]?.display ?? coding[0]?.code;

const fromIam = ({ identifier }: AllergyIntolerance): boolean => ofField(identifier, 'IAM-7').length > 0;

/** AL1 from each AllergyIntolerance that stands (2.5.1, 3.4.6). AL1-5 are words. */
export const allergies = <F extends AllergyFacts>(): SegmentPart<F, Line> =>
  each<F, Line>(
    'AL1',
    (facts) => (facts.allergies ?? []).filter((one) => allergyStands(one) && !fromIam(one)).flatMap(linesOf),
    {
      ...common,
      5: fromEach(
        'AllergyIntolerance.reaction.manifestation',
        ({ reaction }) => reaction?.manifestation,
        words,
      ),
      6: from('AllergyIntolerance.onsetDateTime', ({ allergy }) => allergy.onsetDateTime, dtm),
    },
  );

/** 0438: how sure one is. */
const CERTAINTIES: Readonly<Record<string, string>> = {
  unconfirmed: 'U',
  confirmed: 'C',
  'entered-in-error': 'E',
};
const codeOf = (concept: CodeableConcept | undefined): string => concept?.coding?.[0]?.code ?? '';

function certainty({ allergy: { verificationStatus, clinicalStatus } }: Line): string | undefined {
  return codeOf(clinicalStatus) === 'inactive' ? 'I' : CERTAINTIES[codeOf(verificationStatus)];
}

/**
 * IAM from each AllergyIntolerance that the receiver has a number for (2.5.1, 3.4.7): it speaks of one allergy, adds it or deletes it, and ends no
 * other.
 */
export const adverseReactions = <F extends AllergyFacts>(): SegmentPart<F, Line> =>
  each<F, Line>('IAM', (facts) => (facts.allergies ?? []).filter(fromIam).flatMap(linesOf), {
    ...common,
    5: fromEach('AllergyIntolerance.reaction.manifestation', ({ reaction }) => reaction?.manifestation, cwe),
    6: {
      from: 'AllergyIntolerance.verificationStatus',
      write: ({ allergy }) => (codeOf(allergy.verificationStatus) === 'entered-in-error' ? 'D' : 'A'),
    },
    7: from(
      'AllergyIntolerance.identifier from IAM-7',
      ({ allergy }) => ofField(allergy.identifier, 'IAM-7')[0],
      ei,
    ),
    11: from('AllergyIntolerance.onsetDateTime', ({ allergy }) => allergy.onsetDateTime, dtm),
    12: from(
      'AllergyIntolerance.onsetString',
      ({ allergy }) => allergy.onsetString,
      (text) => text,
    ),
    13: from('AllergyIntolerance.recordedDate', ({ allergy }) => allergy.recordedDate, dtm),
    17: { from: 'AllergyIntolerance.verificationStatus, clinicalStatus', write: certainty },
  });
