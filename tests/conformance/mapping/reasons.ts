import type { Fact } from './facts.ts';

/**
 * Why a fact that is only theirs is not ours.
 * - `guide`: the guide, or FHIR itself, says otherwise than they do
 * - `site-rule`: a rule of theirs alone
 * - `not-in-chart`: it is about the transport or a site's extension, not about the patient
 * - `not-in-message`: their bundle is the source of the message, and the message does not carry it
 * - `deliberate`: we differ from the guide, and say why (docs/design/mapping.md)
 * - `ours-wrong`: to be mended
 */
type ReasonClass = 'guide' | 'site-rule' | 'not-in-chart' | 'not-in-message' | 'deliberate' | 'ours-wrong';

export interface Reason {
  readonly kind: ReasonClass;
  readonly why: string;
}

interface Rule extends Reason {
  readonly collection?: RegExp;
  readonly path: RegExp;
  readonly value?: RegExp;
  /** Only for bundles that messages were made of. */
  readonly isReverse?: boolean;
  /** We say the same at this path. */
  readonly elsewhere?: RegExp;
}

const rules: readonly Rule[] = [
  {
    path: /./,
    value: /^""$/,
    kind: 'guide',
    why: 'HL7 2.5.1, 2.5.3: two quotes remove what was there; they keep them as a text',
  },
  {
    path: /(?:system|url)$/,
    value: /^http:\/\/example\.com\//,
    kind: 'site-rule',
    why: 'a system made up under example.com',
  },
  {
    path: /^Location\.description$|\.value$|\.text$/,
    value: /\w--\w/,
    kind: 'site-rule',
    why: 'the components of a field in one text with dashes',
  },
  {
    path: /(?:identifier|coding|value|numerator|denominator|low|high)\.system$/,
    value: /^[^:]*$/,
    kind: 'guide',
    why: 'FHIR R4, Identifier.system and Coding.system: a system is a URI; theirs is the name that the sender wrote (HD-1, CWE-3)',
  },
  {
    path: /coding\.system$/,
    value: /\/valueset\//,
    kind: 'guide',
    why: 'FHIR R4, Coding.system: a value set is no code system',
  },
  {
    path: /\.system$/,
    value: /^urn:oid:(?![0-2]\.)|^urn:id:/,
    kind: 'site-rule',
    why: 'their prefix before a name that is no OID; urn:id is no namespace of URNs',
  },
  {
    path: /coding\.system$/,
    value: /codesystem-v2-0396\.html/,
    kind: 'site-rule',
    why: 'the address of a page about table 0396 stands for the system of a local code',
  },
  {
    path: /^Observation\.identifier\./,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'every result carries the number of its order as its own, typed by its code; OBX has no such field',
  },
  {
    path: /^(Practitioner|Organization)\.identifier\.type\.coding/,
    value: /v2-0912|^MDIR$/,
    kind: 'site-rule',
    why: 'a role (0912) in place of the type of a number (0203)',
  },
  {
    path: /^Observation\.issued$/,
    kind: 'guide',
    why: 'the guide: OBX-19 is when it was analysed, an extension; OBX has no field of issue',
  },
  {
    path: /^ServiceRequest\.reasonCode\.coding\.system$/,
    value: /icd-10-cm$/,
    kind: 'guide',
    why: 'HL7 table 0396: I10 is ICD-10, I10C is ICD-10-CM',
  },
  {
    path: /^Device(?:\(\)|\.(?:manufacturer|deviceName|identifier\.type))/,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'the make of a test kit as the health departments write it in OBX-17 and OBX-18; the guide: OBX-17 is the method',
  },
  {
    path: /^Practitioner\.telecom/,
    collection: /reportstream/,
    kind: 'guide',
    why: 'the guide: ORC-14 and OBR-17 are where to call back about the order, an extension of it',
  },
  {
    path: /^Observation\.value\.(?:numerator|denominator)/,
    collection: /reportstream/,
    kind: 'guide',
    why: 'the guide, SN[Quantity]: a comparator and one number without a separator is a quantity, no ratio',
  },
  {
    path: /^ServiceRequest\.identifier\.type\.coding\.code$/,
    value: /^VN$/,
    kind: 'site-rule',
    why: 'the number of the visit stands at the order',
  },
  {
    path: /^(?:DiagnosticReport|ServiceRequest|Specimen)\.identifier\.type\.coding/,
    value: /loinc|^\d+-\d$/,
    kind: 'site-rule',
    why: 'the number of an order typed by the code of what was ordered',
  },
  {
    path: /^ServiceRequest\.identifier\.(?:value|type\.coding\.(?:code|system))$/,
    elsewhere: /^ServiceRequest\.requisition\./,
    kind: 'guide',
    why: 'the guide: ORC-4 is the requisition of the order, not a number of its own',
  },
  {
    path: /^Specimen\(\)$/,
    value: /^$/,
    kind: 'site-rule',
    why: 'a specimen for every order, though the message tells of none',
  },
  {
    path: /^(?:ServiceRequest|DiagnosticReport)\.identifier\.|^ServiceRequest\.(?:status|reasonCode)|^Observation\.dataAbsentReason/,
    isReverse: true,
    kind: 'not-in-message',
    why: 'the message was made of the bundle and carries fewer numbers and states of the order',
  },
  {
    path: /^DiagnosticReport\.issued$|^Observation\.value$/,
    isReverse: true,
    kind: 'not-in-message',
    why: 'the message was made of the bundle and tells the time less exactly',
  },
  {
    path: /^Observation\.value$/,
    value: /\\\.br\\/,
    kind: 'guide',
    why: 'HL7 2.5.1, 2.7.6: an escape sequence of formatted text is a line break; theirs keeps the sequence',
  },
  {
    path: /^EpisodeOfCare\(\)$/,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'an episode of care for every visit, though PV1-54 names none',
  },
  {
    path: /^Practitioner\.name\.family\.extension\(humanname-own-name\)/,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'their samples give one number to several people; here a number is one person',
  },
  {
    path: /^Organization\.contact\.telecom/,
    elsewhere: /^Organization\.telecom/,
    kind: 'guide',
    why: 'the guide: ORC-23 is the telephone of the organization, not of a contact',
  },
  {
    path: /^Encounter\.status$/,
    kind: 'deliberate',
    why: 'the event says what state a visit is in, not its class (PV1-2): 2.5.1 chapter 3',
  },
  {
    path: /telecom\.system\.extension\(data-absent-reason\)/,
    kind: 'deliberate',
    why: 'XTN-3 is required since 2.7 only: a number of which nobody says what it is, is a telephone',
  },
  {
    path: /^Patient\.extension\(patient-mothersMaidenName\)\.value\./,
    kind: 'guide',
    why: 'FHIR R4, patient-mothersMaidenName: the value is a string; theirs is a HumanName',
  },
];

const ASIDE: Reason = {
  kind: 'not-in-chart',
  why: 'only the envelope (MSH, SFT, Provenance) or an extension of the site refers to the resource',
};
const NOT_SENT: Reason = {
  kind: 'not-in-message',
  why: 'the message was made of the bundle and does not carry the value',
};

/** What is known of a message for judging a fact. */
export interface Sent {
  readonly collection: string;
  /** The message was made of the bundle, not the bundle of the message. */
  readonly isReverse: boolean;
  /** The message as text, in lower case. */
  readonly text: string;
  /** What we say and they do not. */
  readonly ours: readonly Fact[];
}

const CLOCKS: Reason = {
  kind: 'guide',
  why: 'HL7 2.5.1, 2.A.22: an offset in MSH-7 counts for every time of the message; they read such times as UTC',
};

/** A moment that they read in UTC, and we in the clocks of MSH-7. */
function isInOtherClocks({ path, value }: Fact, { text, ours }: Sent): boolean {
  const header = text.split(/[\r\n]/, 1)[0]?.split('|')[6] ?? '';
  const offset = /([+-])(\d\d)(\d\d)$/.exec(header);
  if (!offset || !/^\d{4}-\d\d-\d\dT/.test(value)) return false;
  const minutes = (offset[1] === '-' ? 1 : -1) * (Number(offset[2]) * 60 + Number(offset[3]));
  const at = new Date(Date.parse(value) + minutes * 60_000).toISOString();
  return ours.some((fact) => fact.path === path && fact.value === at);
}

const NAMELESS: Reason = {
  kind: 'guide',
  why: 'FHIR R4, org-1: an organization has a name or a number; theirs has neither',
};
const LOCAL_CLOCKS: Reason = {
  kind: 'not-in-message',
  why: 'the message was made of the bundle and writes times in the clocks of a place, without an offset',
};

/** Made of the bundle, a message may tell a moment by local clocks. */
function isByLocalClocks({ path, value }: Fact, { ours, isReverse }: Sent): boolean {
  if (!isReverse || !/^\d{4}-\d\d-\d\dT/.test(value)) return false;
  const hours = (at: string) => Math.abs(Date.parse(at) - Date.parse(value)) / 3_600_000;
  return ours.some(
    (fact) => fact.path === path && hours(fact.value) <= 14 && Number.isInteger(hours(fact.value)),
  );
}

export function reasonOf(fact: Fact, sent: Sent): Reason | undefined {
  if (fact.aside) return ASIDE;
  if (sent.isReverse && !isSent(fact, sent.text)) return NOT_SENT;
  if (isInOtherClocks(fact, sent)) return CLOCKS;
  if (isByLocalClocks(fact, sent)) return LOCAL_CLOCKS;
  if (fact.isNameless && fact.path.startsWith('Organization')) return NAMELESS;
  return rules.find((rule) => applies(rule, fact, sent));
}

function applies(rule: Rule, { path, value }: Fact, sent: Sent): boolean {
  const { collection, elsewhere, isReverse = false } = rule;
  if (!rule.path.test(path) || (rule.value && !rule.value.test(value))) return false;
  if ((isReverse && !sent.isReverse) || (collection && !collection.test(sent.collection))) return false;
  return !elsewhere || sent.ours.some((ours) => elsewhere.test(ours.path) && ours.value === value);
}

/** Only reasons that lie with them or with the comparison take a fact out of the agreement. */
export const isTheirs = ({ kind }: Reason): boolean => kind !== 'deliberate' && kind !== 'ours-wrong';

/** What the sender wrote as it is; systems, statuses and counts follow from it and can't be judged by the text. */
const WRITTEN =
  /\.(value|family|given|suffix|prefix|line|city|state|postalCode|district|name|birthDate|text|version|manufacturer)$|(code|value|reasonCode|bodySite|identifier\.type|Specimen\.type)\.coding\.code$/;

/** An answer to a question at order entry, written into a note, is no observation of the message any more. */
const withoutNotes = (text: string): string => text.replaceAll(/(?:^|\r|\n)nte\|[^\r\n]*/g, '');

function isSent({ path, value, about }: Fact, text: string): boolean {
  if (about !== undefined && !withoutNotes(text).includes(about.toLowerCase())) return false;
  if (!WRITTEN.test(path)) return true;
  const wanted = value.toLowerCase();
  if (/^\d{4}-\d\d/.test(wanted)) {
    // A moment may stand in other clocks: its day or the day beside it.
    const day = Date.parse(wanted);
    if (Number.isNaN(day)) return true;
    const days = [-1, 0, 1].map((off) => new Date(day + off * 86_400_000).toISOString().slice(0, 10));
    return days.some((date) => text.includes(date.replaceAll('-', '')));
  }
  return text.includes(wanted) || text.includes(wanted.replaceAll(/[^\da-z]/g, ''));
}
