/** An ADT^A08 of about 1.5 KB for a synthetic patient, as a complete MLLP frame whose control id and patient can be set in place. */
const idWidth = 10;
const patientWidth = 6;

const segments = [
  `MSH|^~\\&|BENCH|NORTH|ISTHMUS|SOUTH|20260102030405-0500||ADT^A08^ADT_A01|${'0'.repeat(idWidth)}|P|2.5.1|||AL|NE||UNICODE UTF-8`,
  'EVN|A08|20260102030405-0500|||CLERK^SYNTHETIC^C',
  `PID|1||P${'0'.repeat(patientWidth)}^^^NORTH&2.16.840.1.113883.19.5&ISO^MR||TESTPERSON^BENCH^Q^^^^L||19700102|F||2106-3^White^HL70005|1 EXAMPLE ST^^SPRINGFIELD^MA^01101^USA^H||^PRN^PH^^1^413^5550100|^WPN^PH^^1^413^5550101|en^English^ISO639|M^Married^HL70002|||||||N||||||||N`,
  'PD1||||1234567893^DOCTOR^PRIMARY^^^^MD^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI',
  'NK1|1|TESTPERSON^NEXT^OF|SPO^Spouse^HL70063|1 EXAMPLE ST^^SPRINGFIELD^MA^01101^USA|^PRN^PH^^1^413^5550102',
  'PV1|1|O|CLINIC^ROOM1^^NORTH||||1234567893^DOCTOR^ATTENDING^^^^MD^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI|||MED||||1|||1234567893^DOCTOR^ATTENDING^^^^MD|O|V0001^^^NORTH&2.16.840.1.113883.19.5&ISO^VN|||||||||||||||||||||||||20260102030000-0500',
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
  const controlAt = frame.indexOf(`|${'0'.repeat(idWidth)}|P|`) + 1;
  const patientAt = frame.indexOf(`|P${'0'.repeat(patientWidth)}^`) + 2;
  return {
    bytes: body.byteLength,
    frame(control, patient) {
      const copy = Buffer.from(frame);
      copy.write(String(control).padStart(idWidth, '0'), controlAt, 'latin1');
      copy.write(String(patient % 10 ** patientWidth).padStart(patientWidth, '0'), patientAt, 'latin1');
      return copy;
    },
  };
}
