import type { Identifier } from '@medplum/fhirtypes';
import { isPlaceholderIdentifier } from './placeholders.ts';
import { digitsOf, distinct } from './text.ts';
import type { FeatureOptions, IdentifierFeature, IdentifierKind } from './types.ts';

/** HL7 table 0203. What numbers something else than a person (account, visit, specimen ...) is not an identifier here. */
const KINDS: Readonly<Record<string, IdentifierKind>> = {
  SS: 'ssn',
  MR: 'mrn',
  PI: 'mrn',
  PE: 'mrn',
  PT: 'mrn',
  RRI: 'mrn',
  NI: 'national',
  NIIP: 'national',
  PNT: 'national',
  PN: 'national',
  JHN: 'national',
  HC: 'national',
  PPN: 'national',
  CZ: 'national',
  SB: 'national',
  TAX: 'national',
  PRC: 'national',
  DL: 'driver',
  MA: 'insurance',
  MC: 'insurance',
  MB: 'insurance',
  SN: 'insurance',
  MI: 'insurance',
  NH: 'insurance',
  WC: 'insurance',
};
const NOT_A_PERSON = new Set([
  'AN',
  'ANON',
  'ANC',
  'AND',
  'ANT',
  'VN',
  'ACSN',
  'FILL',
  'PLAC',
  'BA',
  'BC',
  'GI',
  'GN',
  'PC',
  'MRT',
  'XX',
  'XV',
  'FI',
  'SNO',
  'OBI',
  'VS',
  'DI',
  'AM',
]);
const SSN_SYSTEMS = new Set([
  'http://hl7.org/fhir/sid/us-ssn',
  'urn:oid:2.16.840.1.113883.4.1',
  '2.16.840.1.113883.4.1',
]);
const INSURANCE_SYSTEMS = new Set([
  'http://hl7.org/fhir/sid/us-mbi',
  'http://hl7.org/fhir/sid/us-medicare',
  'urn:oid:2.16.840.1.113883.4.927',
]);
/** What nobody says the kind of may be a household's, a case's or an employer's number: it counts, but decides nothing alone. */
const TRUSTED: ReadonlySet<IdentifierKind> = new Set<IdentifierKind>(['mrn', 'national', 'driver']);

/** Read before the bound, kept after it: the numbers that say most come first. */
const MAX_READ = 600;
const MAX_KEPT = 32;
const ORDER: readonly IdentifierKind[] = ['ssn', 'national', 'mrn', 'driver', 'insurance', 'ssn4', 'other'];

export function identifierFeatures(
  identifiers: readonly Identifier[],
  options: FeatureOptions,
): IdentifierFeature[] {
  const features = identifiers.slice(0, MAX_READ).flatMap((each) => identifierFeature(each, options));
  const ordered = features.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return distinct(ordered, ({ kind, system, value }) => `${kind} ${system} ${value}`, MAX_KEPT);
}

function identifierFeature(identifier: Identifier, options: FeatureOptions): IdentifierFeature[] {
  const raw = String(identifier.value ?? '').slice(0, 64);
  const system = String(identifier.system ?? '')
    .trim()
    .slice(0, 200);
  if (raw === '' || identifier.use === 'old' || identifier.use === 'temp') return [];
  const declared = options.authorities?.[system];
  const codes = (identifier.type?.coding ?? []).map(({ code }) => code ?? '');
  const kind = declared?.kind ?? kindOf(codes, system);
  if (kind === undefined) return [];
  if (kind === 'ssn' || kind === 'ssn4') return ssn(raw, system, options);
  const value = raw.toUpperCase().replace(/[^\p{L}\p{N}]+/gu, '');
  if (isPlaceholderIdentifier(value, options)) return [];
  const trusted = system !== '' && (declared?.trusted ?? (TRUSTED.has(kind) && value.length >= 3));
  const single = system !== '' && (declared?.single ?? kind === 'mrn');
  return [{ kind, system, value, ...(trusted && { trusted }), ...(single && { single }) }];
}

function kindOf(codes: readonly string[], system: string): IdentifierKind | undefined {
  if (SSN_SYSTEMS.has(system)) return 'ssn';
  if (INSURANCE_SYSTEMS.has(system)) return 'insurance';
  for (const code of codes) {
    const kind = KINDS[code] ?? (/^NN[A-Z]{3}$/.test(code) ? 'national' : undefined);
    if (kind !== undefined) return kind;
  }
  return codes.some((code) => NOT_A_PERSON.has(code)) ? undefined : 'other';
}

const NINE = /^\d{9}$/;

/** Nine digits; eight where a spreadsheet took the leading zero; the last four alone or behind a mask. */
function ssn(raw: string, system: string, options: FeatureOptions): IdentifierFeature[] {
  const digits = digitsOf(raw);
  const masked = /^[\dxX*#•. -]*[xX*#•][\dxX*#•. -]*$/.test(raw);
  if (digits.length === 4 || (masked && digits.length > 4 && digits.length < 9))
    return digits === '0000' || (masked && digits.length < 4)
      ? []
      : [{ kind: 'ssn4', system: '', value: digits.slice(-4) }];
  const us = SSN_SYSTEMS.has(system) || system === '';
  const value =
    us && digits.length === 8
      ? `0${digits}`
      : us
        ? digits
        : raw.toUpperCase().replace(/[^\p{L}\p{N}]+/gu, '');
  if (isPlaceholderIdentifier(value, options)) return [];
  if (
    us &&
    (!NINE.test(value) ||
      value.startsWith('000') ||
      value.startsWith('666') ||
      value.slice(3, 5) === '00' ||
      value.endsWith('0000'))
  )
    return [];
  return [{ kind: 'ssn', system: us ? '' : system, value }];
}
