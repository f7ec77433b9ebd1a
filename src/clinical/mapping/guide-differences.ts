/** Where we differ from the v2-to-FHIR guide 1.0.0 on purpose. The report of what is covered (npm run conformance) shows each with its reason. */
export interface GuideDifference {
  /** The guide's name of the map, `PID[Patient]`; one that ends in `*` stands for all that begin so. */
  readonly map: string;
  /** `PID-10`; all rows of the map when left out. */
  readonly identifier?: string;
  /** The attribute begins so; all of the field when left out. */
  readonly attribute?: string;
  readonly why: string;
}

const ENVELOPE =
  'the message itself is kept, byte for byte, and what it changed points to it by a Provenance (record R8); no Bundle or MessageHeader is made of it';

export const guideDifferences: readonly GuideDifference[] = [
  { map: 'MSH[*', why: ENVELOPE },
  { map: 'SFT[*', why: ENVELOPE },
  { map: 'MSA[*', why: 'acknowledgments are the business of the connection, not of the record' },
  {
    map: 'EVN[Provenance]',
    why: 'one Provenance a message says who sent it and what it changed; EVN-2 is when it was so',
  },
  {
    map: 'PID[Provenance-Patient]',
    why: 'one Provenance a message says what it changed, the patient among it',
  },
  { map: 'ORC[Provenance]', why: 'one Provenance a message says what it changed, the order among it' },
  { map: 'SCH[Provenance]', why: 'one Provenance a message says what it changed, the appointment among it' },
  { map: 'TXA[Provenance]', why: 'one Provenance a message says what it changed, the document among it' },
  {
    map: 'MRG[Account]',
    why: 'who is who is decided by the identity of patients (clinical/identity); a mapping rewrites nobody',
  },
  {
    map: 'PV1[Basic-EncounterHistory]',
    why: 'the history of a visit is its versions, each with its message; Basic would be a second one',
  },
  {
    map: 'PID[Patient]',
    identifier: 'PID-10',
    why: 'race as US Core has it (us-core-race), which the guide leaves to the realm',
  },
  {
    map: 'PID[Patient]',
    identifier: 'PID-22',
    why: 'ethnicity as US Core has it (us-core-ethnicity), which the guide leaves to the realm',
  },
  {
    map: 'PV1[Encounter]',
    identifier: 'PV1-2',
    attribute: 'status',
    why: 'the event is the change of state (2.5.1 chapter 3); the class of a patient says nothing of it',
  },
  {
    map: 'TXA[DocumentReference]',
    identifier: 'TXA-3',
    why: 'content says its own type; TXA-3 stands for it while there is none',
  },
  {
    map: 'OBX[DocumentReference]',
    identifier: 'OBX-5',
    why: 'all text is one attachment of text/plain, since its lines are one document and the types of the guide are not registered',
  },
  {
    map: 'ORC[Immunization]',
    identifier: 'ORC-28',
    why: 'labels are set by trust: a message that replaced them would open what they close',
  },
  {
    map: 'RXO[MedicationRequest]',
    identifier: 'RXO',
    attribute: 'intent',
    why: 'RXO and RXE of one ORC are one order, which the patient takes once',
  },
  {
    map: 'SCH[ServiceRequest]',
    identifier: 'SCH-25',
    why: 'the status of an appointment is not that of the order it is for',
  },
  {
    map: 'AIS[ServiceRequest]',
    why: 'AIS-3 is what is ordered and no identifier; when it takes place is the appointment\u2019s',
  },
  {
    map: 'PID[Appointment]',
    attribute: 'extension',
    why: 'the patient is a participant, where R4 has them',
  },
  { map: 'NTE[Appointment-Comment]', why: 'Appointment.comment holds the text in R4' },
  {
    map: 'NTE[DocumentReference]',
    why: 'notes on a document are one attachment of text/plain, titled as comments; NTE-9 is not in what others know of NTE-3',
  },
  {
    map: 'RXO[MedicationRequest]',
    identifier: 'RXO-1',
    why: 'a drug is a code, or contained where form, strength or components are told, so that it is read wherever the order is; what RXE encodes counts more',
  },
  {
    map: 'RXO[MedicationRequest]',
    identifier: 'RXO-5',
    why: 'in the contained drug; what RXE encodes counts more',
  },
  {
    map: 'RXO[MedicationRequest]',
    identifier: 'RXO-18',
    why: 'in the contained drug; what RXE encodes counts more',
  },
  {
    map: 'RXO[MedicationRequest]',
    identifier: 'RXO-19',
    why: 'in the contained drug; what RXE encodes counts more',
  },
  {
    map: 'RXO[MedicationRequest]',
    identifier: 'RXO-25',
    why: 'in the contained drug; what RXE encodes counts more',
  },
  {
    map: 'RXO[MedicationRequest]',
    identifier: 'RXO-26',
    why: 'in the contained drug; what RXE encodes counts more',
  },
  {
    map: 'TQ1[MedicationRequest]',
    identifier: 'TQ1-6',
    why: 'the bounds of dosageInstruction.timing.repeat: a MedicationRequest has no occurrence',
  },
];
