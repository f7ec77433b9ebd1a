import type { Field, Hl7Message, Repetition, Segment } from '../../standards/hl7v2/index.ts';
import { type AuthorityRules, authorityOf } from './authority.ts';

/** A patient as one authority knows them. Both parts are always filled. */
export interface SourcePatient {
  readonly authority: string;
  readonly identifier: string;
}

/** CX-1 has 15 characters in 2.5.1; what is far beyond is no number but something that slipped into the field. */
export const MAX_LENGTH = 250;

/** PID-3.5 (HL7 table 0203): the kinds of number that stand for the patient in the sender's own files, best first. */
const PREFERRED_TYPES = ['MR', 'PI', 'PT', ''];

/**
 * The source patient of a message, from its first PID-3: of the repetitions that carry an id, one of the declared default
 * authority comes first, then the medical record number (PID-3.5 MR), then PI, PT and untyped ids, then the first. Undefined
 * when there is no PID, or PID-3 has nothing but what stands for no number (0, UNKNOWN, 999-99-9999 as SSN).
 */
export function sourcePatientOf(message: Hl7Message, rules: AuthorityRules = {}): SourcePatient | undefined {
  const pid = message.segment('PID');
  return pid && sourcePatientOfPid(pid, message, rules);
}

/** The same for one PID of a message that has several. */
export function sourcePatientOfPid(
  pid: Segment,
  message: Hl7Message,
  rules: AuthorityRules,
): SourcePatient | undefined {
  return sourcePatientOfField(pid.field(3), withSender(message, rules));
}

/** The same choice for any field of CX. `rules.defaultAuthority` stands in where CX-4 is empty; without it such ids are left out. */
export function sourcePatientOfField(field: Field, rules: AuthorityRules): SourcePatient | undefined {
  if (field.state !== 'valued') return undefined;
  let best: SourcePatient | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const repetition of field.repetitions) {
    const patient = fromCx(repetition, rules);
    if (!patient) continue;
    const rank = rankOf(repetition, patient, rules);
    if (rank < bestRank) [best, bestRank] = [patient, rank];
  }
  return best;
}

/** Every id of a field of CX (PID-3, MRG-1), each with its authority; where none is named, the declared one or the sender. */
export const sourcePatientsOfField = (
  field: Field,
  message: Hl7Message,
  rules: AuthorityRules,
): SourcePatient[] => allOfField(field, withSender(message, rules));

/** Every id of a field of CX, each with its authority. */
export function allOfField(field: Field, rules: AuthorityRules): SourcePatient[] {
  if (field.state !== 'valued') return [];
  return field.repetitions.flatMap((repetition) => fromCx(repetition, rules) ?? []);
}

/**
 * An id is never taken by its value alone: where neither CX-4 nor the configuration names an authority, the sender
 * (MSH-3 and MSH-4) stands for it.
 */
export function withSender(message: Hl7Message, rules: AuthorityRules): AuthorityRules {
  if (rules.defaultAuthority) return rules;
  const { sendingApplication, sendingFacility } = message.header;
  return { ...rules, defaultAuthority: `sender:${sendingApplication}|${sendingFacility}` };
}

/** What is typed where there is no number: whoever it was taken for, everybody without a number would be that one patient. */
const NO_NUMBER = /^(0+|\?+|-+|unknown|unk|none|n\/a|null|nil)$/i;
/** The Social Security Administration, whose numbers are used as defaults: one digit nine times, and those printed in advertisements and forms. */
const SSA = '2.16.840.1.113883.4.1';
const NO_SSN = /^((\d)\2{8}|123456789|078051120|219099999|000\d{6})$/;

const isNobodys = (identifier: string, isSsn: boolean): boolean =>
  NO_NUMBER.test(identifier) || (isSsn && NO_SSN.test(identifier.replace(/[ -]/g, '')));

function fromCx(cx: Repetition, rules: AuthorityRules): SourcePatient | undefined {
  // NUL can be neither a database text nor part of any real number.
  const identifier = cx.component(1).replaceAll('\0', '').trim();
  if (identifier === '' || identifier === '""' || identifier.length > MAX_LENGTH) return undefined;
  const parts = { namespace: cx.component(4, 1), universalId: cx.component(4, 2) };
  const authority = authorityOf(parts, rules) || rules.defaultAuthority;
  if (isNobodys(identifier, authority === SSA || cx.component(5) === 'SS')) return undefined;
  return authority && authority.length <= MAX_LENGTH ? { authority, identifier } : undefined;
}

function rankOf(cx: Repetition, patient: SourcePatient, rules: AuthorityRules): number {
  const type = PREFERRED_TYPES.indexOf(cx.component(5));
  const typeRank = type === -1 ? PREFERRED_TYPES.length : type;
  return patient.authority === rules.defaultAuthority ? typeRank : typeRank + PREFERRED_TYPES.length + 1;
}
