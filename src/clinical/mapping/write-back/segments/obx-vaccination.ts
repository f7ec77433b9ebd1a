import type { CodeableConcept, Immunization } from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import type { WriteContext } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import type { Fields } from '../fields.ts';
import { numbered } from './observed.ts';

/** An element of a vaccination for which VXU has an OBX (CDC immunization guide 1.5, appendix A, OBX-3). */
export interface VaccinationLine {
  readonly code: string;
  readonly type: string;
  readonly write: (context: WriteContext) => RepetitionValue;
  /** What belongs together has one sub-id. */
  readonly group: number;
}

const concept = (value: CodeableConcept) => (context: WriteContext) => cwe(value, context);
const moment = (value: string) => (context: WriteContext) => dtm(value, context);
const words = (value: string | number) => () => String(value);

type Untold = Omit<VaccinationLine, 'group'>;

const paidBy = ({ programEligibility = [], fundingSource }: Immunization): Untold[] => [
  ...programEligibility.map((value) => ({ code: '64994-7', type: 'CE', write: concept(value) })),
  ...(fundingSource ? [{ code: '30963-3', type: 'CE', write: concept(fundingSource) }] : []),
];

/** What was explained: each sheet with its dates. */
const explained = ({ education = [] }: Immunization): Untold[][] =>
  education.map(({ documentType, publicationDate, presentationDate }) => [
    ...(documentType === undefined
      ? []
      : [{ code: '69764-9', type: 'CE', write: concept({ text: documentType }) }]),
    ...(publicationDate === undefined
      ? []
      : [{ code: '29768-9', type: 'TS', write: moment(publicationDate) }]),
    ...(presentationDate === undefined
      ? []
      : [{ code: '29769-7', type: 'TS', write: moment(presentationDate) }]),
  ]);

/** Which dose of how many. */
function dosed({ protocolApplied: [protocol] = [] }: Immunization): Untold[] {
  const number = protocol?.doseNumberPositiveInt ?? protocol?.doseNumberString;
  const doses = protocol?.seriesDosesPositiveInt ?? protocol?.seriesDosesString;
  const line = (code: string, value: string | number | undefined): Untold[] =>
    value === undefined ? [] : [{ code, type: typeof value === 'number' ? 'NM' : 'ST', write: words(value) }];
  return [...line('30973-2', number), ...line('59782-3', doses), ...line('59779-9', protocol?.series)];
}

const remarks = ({ note }: Immunization): Untold[] =>
  ofField(note, 'OBX-5', ({ id }) => id === undefined).flatMap(({ text }) =>
    text === undefined ? [] : [{ code: '48767-8', type: 'ST', write: words(text) }],
  );

/** The OBX of what the vaccination itself tells. */
export function vaccinationLines(immunization: Immunization): VaccinationLine[] {
  const groups = [
    paidBy(immunization),
    ...explained(immunization),
    dosed(immunization),
    remarks(immunization),
  ];
  return groups.flatMap((lines, index) => lines.map((line) => ({ ...line, group: index + 1 })));
}

export const vaccinationObx: Fields<VaccinationLine> = {
  1: numbered,
  2: ({ type }) => type,
  3: ({ code }) => [code, '', 'LN'],
  4: ({ group }) => group,
  5: {
    from: 'Immunization.programEligibility, fundingSource, education, protocolApplied, note',
    write: ({ write }, context) => write(context),
  },
  11: 'F',
};
