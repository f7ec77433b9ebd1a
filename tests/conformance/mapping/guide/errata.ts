/** A cell of the guide that is not what it means, and what that is. Held against the file: one that no longer applies fails. */
export interface Erratum {
  readonly map: string;
  readonly line: number;
  readonly attribute: string;
  readonly meant: string;
}

const SPECIMENS = 'extension[1].valueReference(Group.member.entity(Specimen.identifier[1])';
const strength = (line: number, part: string): Erratum => ({
  map: 'RXO[MedicationRequest]',
  line,
  attribute: `medicationReference(Medication.ingredient.strength.${part}`,
  meant: `medicationReference(Medication.ingredient.strength.${part})`,
});

/** Parentheses that are left open. */
export const errata: readonly Erratum[] = [
  {
    map: 'DG1[Encounter]',
    line: 26,
    attribute: 'diagnosis.condition(Condition.verificationStatus.coding.system',
    meant: 'diagnosis.condition(Condition.verificationStatus.coding.system)',
  },
  {
    map: 'DG1[Encounter]',
    line: 18,
    attribute: 'diagnosis.condition(Condition.asserter(Practitioner)',
    meant: 'diagnosis.condition(Condition.asserter(Practitioner))',
  },
  {
    map: 'DG1[EpisodeOfCare]',
    line: 18,
    attribute: 'diagnosis.condition(Condition.asserter(Practitioner)',
    meant: 'diagnosis.condition(Condition.asserter(Practitioner))',
  },
  { map: 'OBX[Observation-Component]', line: 84, attribute: SPECIMENS, meant: `${SPECIMENS})` },
  { map: 'OBX[Observation]', line: 82, attribute: SPECIMENS, meant: `${SPECIMENS})` },
  ...[strength(26, 'numerator.value'), strength(27, 'numerator.code'), strength(28, 'numerator.unit')],
  ...[strength(36, 'denominator.value'), strength(37, 'denominator.code'), strength(38, 'denominator.unit')],
];
