/** An ADT^A08 of about 1.5 KB for a synthetic patient, as a complete MLLP frame whose control id and patient can be set in place. */
const idWidth = 10;
const patientWidth = 6;

/** Places that are different people's: a bench of one person under a thousand numbers would measure the review of duplicates. */
const family = 'FAMILYNAMES';
const given = 'GIVENNAME';
const birthDate = '19000101';

const segments = [
  `MSH|^~\\&|BENCH|NORTH|ISTHMUS|SOUTH|20260102030405-0500||ADT^A08^ADT_A01|${'0'.repeat(idWidth)}|P|2.5.1|||AL|NE||UNICODE UTF-8`,
  'EVN|A08|20260102030405-0500|||CLERK^SYNTHETIC^C',
  `PID|1||P${'0'.repeat(patientWidth)}^^^NORTH&2.16.840.1.113883.19.5&ISO^MR||${family}^${given}^^^^^L||${birthDate}|F||2106-3^White^HL70005|1 EXAMPLE ST^^SPRINGFIELD^MA^01101^USA^H||^PRN^PH^^1^413^5550100|^WPN^PH^^1^413^5550101|en^English^ISO639|M^Married^HL70002|||||||N||||||||N`,
  'PD1||||1234567893^DOCTOR^PRIMARY^^^^MD^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI',
  'NK1|1|TESTPERSON^NEXT^OF|SPO^Spouse^HL70063|1 EXAMPLE ST^^SPRINGFIELD^MA^01101^USA|^PRN^PH^^1^413^5550102',
  `PV1|1|O|CLINIC^ROOM1^^NORTH||||1234567893^DOCTOR^ATTENDING^^^^MD^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI|||MED||||1|||1234567893^DOCTOR^ATTENDING^^^^MD|O|V${'0'.repeat(patientWidth)}^^^NORTH&2.16.840.1.113883.19.5&ISO^VN|||||||||||||||||||||||||20260102030000-0500`,
  'AL1|1|DA^Drug allergy^HL70127|00001^SYNTHETICILLIN^L|MO^Moderate^HL70128|RASH',
  'DG1|1||Z00.00^^I10||20260102|W',
];

export interface Template {
  /** A new frame with this control id and patient number. */
  frame(control: number, patient: number): Buffer;
  readonly bytes: number;
}

export function messageTemplate(bytes = 1_500): Template {
  const text = `${segments.join('\r')}\r`;
  const filler = `NTE|1||${'x'.repeat(Math.max(0, bytes - text.length - 9))}\r`;
  const body = Buffer.from(text + filler, 'latin1');
  const frame = Buffer.concat([Buffer.of(0x0b), body, Buffer.of(0x1c, 0x0d)]);
  const places = {
    control: frame.indexOf(`|${'0'.repeat(idWidth)}|P|`) + 1,
    patient: frame.indexOf(`|P${'0'.repeat(patientWidth)}^`) + 2,
    visit: frame.indexOf(`|V${'0'.repeat(patientWidth)}^`) + 2,
    family: frame.indexOf(family),
    given: frame.indexOf(given),
    birthDate: frame.indexOf(birthDate),
  };
  return {
    bytes: body.byteLength,
    frame(control, patient) {
      const copy = Buffer.from(frame);
      const number = patient % 10 ** patientWidth;
      const digits = String(number).padStart(patientWidth, '0');
      copy.write(String(control).padStart(idWidth, '0'), places.control, 'latin1');
      copy.write(digits, places.patient, 'latin1');
      copy.write(digits, places.visit, 'latin1');
      copy.write(lettersOf(number * 7_919, family.length), places.family, 'latin1');
      copy.write(lettersOf(number * 104_729 + 13, given.length), places.given, 'latin1');
      copy.write(dateOf(number), places.birthDate, 'latin1');
      return copy;
    },
  };
}

const CONSONANTS = 'BDFGHJKLMNPRSTVWZ';
const VOWELS = 'AEIOU';

/** A name that can be spoken, another for another number. */
function lettersOf(number: number, length: number): string {
  let rest = number;
  let text = '';
  for (let at = 0; at < length; at += 1) {
    const letters = at % 2 === 0 ? CONSONANTS : VOWELS;
    text += letters[rest % letters.length];
    rest = Math.floor(rest / letters.length) + number * (at + 1);
  }
  return text;
}

const dateOf = (number: number): string => {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${1930 + (number % 90)}${two(1 + (Math.floor(number / 90) % 12))}${two(1 + (Math.floor(number / 1_080) % 28))}`;
};
