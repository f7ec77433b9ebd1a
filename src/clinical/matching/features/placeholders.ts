import { digitsOf, fold, nameWords } from './text.ts';
import type { FeatureOptions } from './types.ts';

/** Words that stand for a name that nobody knows. */
const NAME_WORDS = new Set(
  `unknown unk unkn unnamed noname nomen nn na none null nil nofirst nolast nofirstname nolastname nomiddle nmn nmi missing
  anonymous anon test tester testing testpatient zztest zzztest xtest dummy fake sample example patient confidential
  unidentified unavailable notgiven deceased donotuse duplicate error invalid void delete
  newborn infant baby babyboy babygirl bb bg bbaby boybaby girlbaby twin twina twinb triplet
  xx xxx xxxx xxxxx zz zzz zzzz`.split(/\s+/),
);
/** Words that are placeholders only beside each other: `BABY BOY`, `GIRL A`, `BOY SMITH TWIN B`. */
const NEWBORN_WORDS = new Set([
  'boy',
  'girl',
  'male',
  'female',
  'a',
  'b',
  'c',
  'one',
  'two',
  '1',
  '2',
  'of',
  'mom',
  'mother',
  'infant',
  'child',
]);
/** Whole names that stand for nobody. */
const WHOLE_NAMES = new Set([
  'john doe',
  'jane doe',
  'baby doe',
  'mickey mouse',
  'donald duck',
  'john q public',
  'test test',
]);

const BIRTH_DATES = new Set([
  '1900-01-01',
  '1899-12-30',
  '1899-12-31',
  '1900-01-02',
  '1800-01-01',
  '1850-01-01',
  '1753-01-01',
  '1601-01-01',
  '1111-11-11',
  '1901-01-01',
  '1911-11-11',
  '0001-01-01',
  '9999-12-31',
  '9999-09-09',
  '1800-12-28',
]);
const PHONES = new Set([
  '1234567890',
  '0123456789',
  '9876543210',
  '2345678901',
  '1234567',
  '5551212',
  '8675309',
  '5551234567',
]);
/** Numbers printed on sample cards and in adverts, and the ones a hand types. */
const IDENTIFIERS = new Set([
  '123456789',
  '987654321',
  '012345678',
  '078051120',
  '219099999',
  '457555462',
  '123121234',
  '111223333',
  '123456',
  '1234567',
  '12345678',
  '1234567890',
  'UNKNOWN',
  'UNK',
  'NONE',
  'NA',
  'NULL',
  'NIL',
  'TEST',
  'MISSING',
  'REFUSED',
  'PENDING',
  'NOTAVAILABLE',
  'NOTAPPLICABLE',
  'NOSSN',
  'APPLIEDFOR',
]);
const ADDRESSES = new Set([
  'unknown',
  'unk',
  'homeless',
  'no fixed address',
  'no fixed abode',
  'nfa',
  'general delivery',
  'none',
  'na',
  'n a',
  'no address',
  'bad address',
  'undeliverable',
  'returned mail',
  'confidential',
  'test',
  'address unknown',
  'same',
  'transient',
  'refused',
  'x',
  'xx',
  'xxx',
]);
const EMAIL_NAMES = new Set([
  'none',
  'noemail',
  'no',
  'na',
  'unknown',
  'test',
  'noreply',
  'donotreply',
  'declined',
  'refused',
  'patient',
  'nomail',
  'email',
  'abc',
  'a',
  'x',
  'xx',
  'xxx',
]);

/** One character again and again says nothing. */
const repeats = (text: string): boolean => {
  for (let at = 1; at < text.length; at += 1) if (text[at] !== text[0]) return false;
  return true;
};

/** Whether the words of one name part stand for nobody. */
export function isPlaceholderName(nameParts: readonly string[], options: FeatureOptions): boolean {
  const [first = ''] = nameParts;
  if (nameParts.length === 0) return true;
  if (first.length >= 3 && repeats(first)) return true;
  const own = options.placeholders?.names;
  if (own?.some((each) => nameWords(each).join(' ') === nameParts.join(' '))) return true;
  if (nameParts.length === 1)
    return (
      NAME_WORDS.has(first) ||
      first === 'boy' ||
      first === 'girl' ||
      first === 'male' ||
      first === 'female' ||
      first === 'infant'
    );
  if (NAME_WORDS.has(nameParts.join(''))) return true;
  return (
    nameParts.every((word) => NAME_WORDS.has(word) || NEWBORN_WORDS.has(word) || repeats(word)) &&
    nameParts.some((word) => NAME_WORDS.has(word) || NEWBORN_WORDS.has(word))
  );
}

/** John Doe and his like: each part alone is a name, together they are nobody's. */
export const isPlaceholderWhole = (given: string, family: string): boolean =>
  WHOLE_NAMES.has(`${given} ${family}`);

export const isPlaceholderDate = (date: string, options: FeatureOptions): boolean =>
  BIRTH_DATES.has(date) || (options.placeholders?.birthDates?.includes(date) ?? false);

/** @param digits at least seven of them */
export function isPlaceholderPhone(digits: string, options: FeatureOptions): boolean {
  if (PHONES.has(digits) || repeats(digits) || repeats(digits.slice(-7))) return true;
  return options.placeholders?.phones?.some((each) => digitsOf(each).slice(-10) === digits) ?? false;
}

/** @param value letters and digits, upper case */
export function isPlaceholderIdentifier(value: string, options: FeatureOptions): boolean {
  if (value === '' || IDENTIFIERS.has(value) || (value.length > 1 && repeats(value)) || value === '0')
    return true;
  return (
    options.placeholders?.identifiers?.some(
      (each) => each.toUpperCase().replace(/[^\p{L}\p{N}]+/gu, '') === value,
    ) ?? false
  );
}

export function isPlaceholderAddress(text: string, options: FeatureOptions): boolean {
  if (ADDRESSES.has(text) || /^0+$/.test(text)) return true;
  return options.placeholders?.addresses?.some((each) => fold(each).trim() === text) ?? false;
}

export function isPlaceholderEmail(email: string, options: FeatureOptions): boolean {
  const name = email.slice(0, email.indexOf('@')).replace(/[^a-z]+/g, '');
  if (EMAIL_NAMES.has(name)) return true;
  return options.placeholders?.emails?.some((each) => fold(each).trim() === email) ?? false;
}
