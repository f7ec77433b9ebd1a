/**
 * What does not come back from a message that was written of what was mapped, and why. A loss is known by the kind of message and the element
 * (`ORM Specimen.status`), and by the field that said it.
 */
interface LossReason {
  readonly of: RegExp;
  /** The field, where the element alone does not tell. */
  readonly field?: RegExp;
  readonly why: string;
}

const reasons: readonly LossReason[] = [
  {
    of: /^(?!ADT)/,
    field: /^PRT-/,
    why: 'PRT is younger than 2.5.1, which has ROL in ADT alone',
  },
  {
    of: /^(?:ORU|VXU|OML|OMG|ORM) (?:CareTeam|PractitionerRole|Location|Practitioner|Organization\.type|Encounter\.participant|Immunization\.performer|Observation\.(?:performer|extension\(event-location\)))/,
    why: 'who and what PRT names: it is younger than 2.5.1, which has ROL in ADT alone',
  },
  {
    of: /\.display$/,
    why: 'one number with several names: who or what it is stands once, and goes back under the first name',
  },
  {
    of: / Encounter\.class\./,
    why: 'PV1-2 is required: a class that nobody said is U, of table 0004',
  },
  {
    of: /^ORM (?:Specimen|ServiceRequest\.(?:specimen|occurrenceTiming|quantityQuantity|asNeeded)|Observation\.specimen)/,
    why: 'ORM^O01 has neither SPM nor TQ1: OBR-15 and ORC-7 hold a part of them',
  },
  {
    of: /^ORM MedicationRequest\.dosageInstruction\.timing/,
    why: 'ORM^O01 has no TQ1: ORC-7 holds a single moment',
  },
  {
    of: / Organization(?:\(\)|\.identifier|\.name)/,
    why: 'an authority or a company that nothing refers to any more, because another field counts more, or the same universal id has two names or types',
  },
  {
    of: /^ADT (?:Location|Encounter\.location)/,
    why: 'a place that the event takes back (A12, A26, A33), or that nobody has left once the discharge is taken back (A13)',
  },
  {
    of: /^ORU ServiceRequest\.authoredOn/,
    why: 'a result (ORC-1 RE) does not say when it was ordered',
  },
  {
    of: /^ORU (?:Observation|ServiceRequest(?:\(\)|\.(?:identifier|basedOn|code|subject|encounter|status|intent)))/,
    why: 'a result that was deleted (OBX-11 D) is in its report no more, and two orders of one filler number are one report',
  },
  {
    of: / (?:Practitioner|PractitionerRole|Device)(?:\(\)|\.)/,
    why: 'somebody who is named where another field counts more (RXO-14, RXE-13), or under one number with somebody else',
  },
  {
    of: /^(?:DFT|MDM) ServiceRequest\.reasonCode/,
    why: 'DG1 behind an order that is charged is a diagnosis of the visit: OBR-31 holds the reason',
  },
  {
    of: /^VXU Location\.address/,
    why: 'RXA-28 is younger than 2.5.1: the address in LA2 has two lines, and no county, kind or period',
  },
  {
    of: / Patient\.identifier\.system/,
    why: 'a universal id without a type can not be told from a name',
  },
  {
    of: /us-core-race\)\.extension\(text\)/,
    why: 'words for several races that were sent without a code are one text',
  },
  {
    of: / Patient\.contact\.address/,
    why: 'of several addresses of a relative, the contact has one that the relative has not',
  },
  {
    of: / RelatedPerson\.name\.text/,
    why: "the mother's name is the family name of PID-6 and what stands before it",
  },
];

/** Why a loss is what it is; undefined when nobody has said so yet. */
export const reasonOf = (loss: string, field: string): LossReason | undefined =>
  reasons.find((one) => one.of.test(loss) && (one.field?.test(field) ?? true));
