import type { GuideDifference } from './guide-difference.ts';

/** Orders, results, drugs, documents and appointments. */
export const orderDifferences: readonly GuideDifference[] = [
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
  {
    map: 'ORC[ServiceRequest]',
    identifier: 'ORC-1',
    attribute: 'status',
    why: 'a code that changes the state counts more than ORC-5 (messages/order-control.ts): what its owner asks for is so until the filler refuses',
  },
  {
    map: 'ORC[ServiceRequest]',
    identifier: 'ORC-1',
    attribute: 'extension',
    why: "what an order's message was about is in its Provenance, and no part of the order",
  },
  {
    map: 'ORC[ServiceRequest]',
    identifier: 'ORC-1',
    attribute: 'intent',
    why: 'intent is what OBR-11 says; an order stays one, whatever its control code',
  },
  {
    map: 'ORC[ServiceRequest]',
    identifier: 'ORC-4',
    attribute: 'identifier',
    why: 'the number of the group is its requisition; EIP stood in ORC-4 in 2.8.2 alone, and the second component of EI is who gave the number',
  },
  {
    map: 'ORC[ServiceRequest]',
    identifier: 'ORC-9',
    attribute: 'extension',
    why: "what an order's message was about is in its Provenance, and no part of the order",
  },
  {
    map: 'ORC[ServiceRequest]',
    identifier: 'ORC-28',
    why: 'labels are set by trust: a message that replaced them would open what they close',
  },
  {
    map: 'ORC[DiagnosticReport]',
    identifier: 'ORC-28',
    why: 'labels are set by trust: a message that replaced them would open what they close',
  },
  {
    map: 'ORC[DiagnosticReport]',
    identifier: 'ORC-2',
    attribute: 'basedOn',
    why: "the order that the report is of, which ORC-2, OBR-2 or the filler's number name together",
  },
  {
    map: 'OBR[ServiceRequest]',
    identifier: 'OBR-13',
    why: 'a note of the order: R4 has no CodeableReference',
  },
  {
    map: 'OBR[ServiceRequest]',
    identifier: 'OBR-17',
    attribute: 'requester',
    why: 'the extension of ServiceRequest that FHIR has for it: whoever is called need not be who ordered',
  },
  {
    map: 'OBR[Specimen]',
    identifier: 'OBR-2',
    why: 'SPM-30 is the accession number; an order number is none',
  },
  {
    map: 'OBR[Specimen]',
    identifier: 'OBR-13',
    why: 'a note of the order: nothing tells a fasting status from other information',
  },
  {
    map: 'TQ1[ServiceRequest]',
    identifier: 'TQ1-5',
    why: 'a time relative to nothing that the message names',
  },
  {
    map: 'TQ1[MedicationRequest]',
    identifier: 'TQ1-5',
    why: 'a time relative to nothing that the message names, as in orders',
  },
  {
    map: 'TQ1[ServiceRequest]',
    identifier: 'TQ1-6',
    why: 'FHIR has bounds of a duration or of a period, both in Timing.repeat; a computed end would claim what nobody said',
  },
  {
    map: 'TQ1[ServiceRequest]',
    identifier: 'TQ1-13',
    why: 'in Timing.repeat, where R4 has the duration; the guide leaves out the element between',
  },
  {
    map: 'TQ1[MedicationRequest]',
    identifier: 'TQ1-11',
    why: 'the words of the dosage',
  },
  {
    map: 'OBX[Observation]',
    identifier: 'OBX-5',
    attribute: 'extension',
    why: "ED and RP are the report's presentedForm, or a DocumentReference that the order leads to: that is where R4 keeps documents",
  },
  {
    map: 'OBX[Observation-Component]',
    identifier: 'OBX-5',
    attribute: 'derivedFrom',
    why: "documents are the report's, as of one value",
  },
  {
    map: 'OBX[Observation-Component]',
    identifier: 'OBX-7',
    why: 'the range of the whole observation: it is one field for all values',
  },
  {
    map: 'OBX[Observation]',
    identifier: 'OBX-30',
    why: 'observation-structure-type is no extension of R4',
  },
  {
    map: 'OBX[Observation-Component]',
    identifier: 'OBX-30',
    why: 'as of one value: observation-structure-type is no extension of R4',
  },
  {
    map: 'OBX[Observation]',
    identifier: 'OBX-33',
    why: 'Observation.specimen, of the one that the number names; a Group of specimens is nothing that a reader of results looks for',
  },
  {
    map: 'OBX[Observation-Component]',
    identifier: 'OBX-33',
    why: 'Observation.specimen, as of one value',
  },
  {
    map: 'AIG[Appointment]',
    identifier: 'AIG-3',
    why: 'a device or a place where AIG-4 says so, or a name: the field holds either',
  },
  {
    map: 'AIS[Appointment]',
    identifier: 'AIS-4',
    why: "the appointment's own times: a service is no participant",
  },
  {
    map: 'AIS[Appointment]',
    identifier: 'AIS-5',
    why: "the appointment's own times, as AIS-4",
  },
  {
    map: 'AIS[Appointment]',
    identifier: 'AIS-7',
    why: "the appointment's own duration, as AIS-4",
  },
  {
    map: 'PID[Appointment]',
    identifier: 'PID-2',
    why: 'one participant, the patient, by all their numbers',
  },
  {
    map: 'PID[Appointment]',
    identifier: 'PID-4',
    why: 'one participant, the patient, as PID-2',
  },
  {
    map: 'SCH[ServiceRequest]',
    identifier: 'SCH-6',
    why: 'why an appointment is called off is its cancelationReason',
  },
];
