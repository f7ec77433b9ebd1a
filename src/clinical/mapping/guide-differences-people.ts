import type { GuideDifference } from './guide-difference.ts';

/** Patients, visits, and who has to do with them. */
export const peopleDifferences: readonly GuideDifference[] = [
  {
    map: 'MRG[Account]',
    why: 'who is who is decided by the identity of patients (clinical/identity); a mapping rewrites nobody',
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
    map: 'DG1[Condition]',
    identifier: 'DG1-22',
    why: 'a reference to a number that nobody files by',
  },
  {
    map: 'DG1[Encounter]',
    identifier: 'DG1-22',
    why: 'a reference to a number that nobody files by, as in DG1[Condition]',
  },
  {
    map: 'DG1[EpisodeOfCare]',
    why: 'diagnoses are of the visit that DG1 stands in; nothing tells that they are of an episode',
  },
  {
    map: 'IAM[AllergyIntolerance]',
    identifier: 'IAM-14',
    why: 'a name alone, of a patient, a relative or a clinician: nobody could be found by it',
  },
  {
    map: 'IAM[AllergyIntolerance]',
    identifier: 'IAM-15',
    why: 'the relation of a name that nobody could be found by (IAM-14)',
  },
  {
    map: 'IAM[AllergyIntolerance]',
    identifier: 'IAM-17',
    why: 'verificationStatus, and inactive: table 0438 says how sure one is',
  },
  {
    map: 'IAM[AllergyIntolerance]',
    identifier: 'IAM-27',
    why: 'IAM-3 is the allergen; a second code of another system would be a second substance to a checker',
  },
  {
    map: 'IN1[Coverage]',
    identifier: 'IN1-2',
    why: "the class plan: it is the plan's id, not the policy's",
  },
  {
    map: 'IN3[CareTeam]',
    why: 'a case manager of the payer is no member of the care team',
  },
  {
    map: 'NK1[RelatedPerson]',
    identifier: 'NK1-41',
    why: "it is the contact person's (NK1-30), another than NK1-2",
  },
  {
    map: 'PD1[Observation-LivingWill]',
    why: 'a code without the document it speaks of; a living will is filed as a document or a Consent',
  },
  {
    map: 'PID[Patient]',
    identifier: 'PID-21',
    why: 'a RelatedPerson of her own, by CX[RelatedPerson-Mother]',
  },
  {
    map: 'PID[Patient]',
    identifier: 'PID-39',
    why: "US Core's tribal affiliation: PID-26 has patient-citizenship",
  },
  {
    map: 'PV1[Coverage]',
    why: 'a financial class is no coverage',
  },
  {
    map: 'PV1[Encounter]',
    identifier: 'PV1-40',
    why: 'the state of a bed is no part of the visit in it, and the bed is only named here',
  },
  {
    map: 'PV2[Encounter]',
    identifier: 'PV2-9',
    why: "the same extension under its right URL; the guide's has a stray v\\",
  },
  {
    map: 'PV2[Encounter]',
    identifier: 'PV2-12',
    why: 'narratives are made from what the resource says',
  },
  {
    map: 'PV2[Encounter]',
    identifier: 'PV2-22',
    why: 'labels are set by trust: a message that replaced them would open what they close',
  },
  {
    map: 'PR1[Procedure]',
    identifier: 'PR1-16',
    why: 'the code is PR1-3; PR1-16 modifies it, and has no place in R4',
  },
  {
    map: 'PR1[Procedure]',
    identifier: 'PR1-25',
    why: 'a reference to a number that nobody files by',
  },
  {
    map: 'PRT[RelatedPerson]',
    why: 'a role behind PID is one of the care team: professionals, and no relatives (NK1)',
  },
  {
    map: 'ROL[RelatedPerson]',
    why: 'a role behind PID is one of the care team: professionals, and no relatives (NK1), as PRT',
  },
  {
    map: 'PRT[CareTeam]',
    identifier: 'PRT-8',
    why: "in the member's PractitionerRole, once for whoever names it",
  },
  {
    map: 'PRT[CareTeam]',
    identifier: 'PRT-6',
    why: "the specialty is of the member's PractitionerRole",
  },
  {
    map: 'PRT[CareTeam]',
    identifier: 'PRT-11',
    why: 'participant.period, the name that R4 has for it',
  },
  {
    map: 'PRT[CareTeam]',
    identifier: 'PRT-12',
    why: 'participant.period, as PRT-11',
  },
  {
    map: 'PRT[CareTeam]',
    identifier: 'PRT-14',
    why: "the address is the practitioner's",
  },
  {
    map: 'PRT[CareTeam]',
    identifier: 'PRT-15',
    why: "the telephone is of the member's PractitionerRole",
  },
  {
    map: 'PRT[Device]',
    identifier: 'PRT-10',
    attribute: 'udiCarrier',
    why: 'a UDI in PRT-10 is taken as PRT-16',
  },
  {
    map: 'PRT[Observation-Location]',
    identifier: 'PRT-14',
    why: "the address is the practitioner's; a place is PRT-9",
  },
  {
    map: 'PRT[PractitionerRole]',
    identifier: 'PRT-23',
    why: 'whether somebody may be called is nothing that contact-preferred says of a number',
  },
  {
    map: 'PRT[PractitionerRole]',
    identifier: 'PRT-24',
    why: 'a PractitionerRole is known by whom and what it joins, so that whoever names it means the same',
  },
  {
    map: 'PRT[Patient-GeneralPractitioner-PractitionerRole]',
    identifier: 'PRT-2',
    why: 'DE and UN take somebody out; others are the list as it is',
  },
  {
    map: 'PRT[Patient-GeneralPractitioner-PractitionerRole]',
    identifier: 'PRT-24',
    why: 'a PractitionerRole is known by whom and what it joins',
  },
  {
    map: 'ROL[CareTeam]',
    identifier: 'ROL-8',
    why: 'CareTeam has one reason for all its members',
  },
  {
    map: 'ROL[CareTeam]',
    identifier: 'ROL-9',
    why: "the specialty is of the member's PractitionerRole, as PRT-6",
  },
  {
    map: 'ROL[CareTeam]',
    identifier: 'ROL-10',
    why: "the kind of unit is of the PractitionerRole's organization",
  },
  {
    map: 'ROL[CareTeam]',
    identifier: 'ROL-12',
    why: "the telephone is of the member's PractitionerRole, not of the team",
  },
  {
    map: 'ROL[CareTeam]',
    identifier: 'ROL-14',
    why: "in the member's PractitionerRole, as PRT-8",
  },
  {
    map: 'ROL[Encounter-PractitionerRole]',
    identifier: 'ROL-1',
    why: 'ROL-1 counts within the message; a PractitionerRole is known by whom and what it joins',
  },
  {
    map: 'ROL[Patient-GeneralPractitioner]',
    identifier: 'ROL-1',
    why: 'ROL-1 counts within the message, as in the visit',
  },
  {
    map: 'ROL[Patient-GeneralPractitioner]',
    identifier: 'ROL-11',
    why: "the address is the practitioner's; nobody says that the place or the organization is there",
  },
];
