/** An ORU^R01 of about 2.5 KB with ten results of a synthetic patient, each time another order. */
const RESULTS = [
  ['2345-7', 'Glucose', '98', 'mg/dL', '70-99'],
  ['2951-2', 'Sodium', '140', 'mmol/L', '135-145'],
  ['2823-3', 'Potassium', '4.1', 'mmol/L', '3.5-5.1'],
  ['2075-0', 'Chloride', '103', 'mmol/L', '98-107'],
  ['2028-9', 'Carbon dioxide', '25', 'mmol/L', '22-29'],
  ['3094-0', 'Urea nitrogen', '14', 'mg/dL', '7-20'],
  ['2160-0', 'Creatinine', '0.90', 'mg/dL', '0.60-1.20'],
  ['17861-6', 'Calcium', '9.4', 'mg/dL', '8.6-10.3'],
  ['1742-6', 'Alanine aminotransferase', '22', 'U/L', '7-56'],
  ['1920-8', 'Aspartate aminotransferase', '25', 'U/L', '10-40'],
] as const;

export function resultMessage(n: number): Buffer {
  const order = String(n).padStart(8, '0');
  const doctor = '1234567893^DOCTOR^ORDERING^^^^MD^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI';
  const segments = [
    `MSH|^~\\&|BENCHLAB|NORTH|ISTHMUS|SOUTH|20260102030405-0500||ORU^R01^ORU_R01|R${order}|P|2.5.1|||AL|NE||UNICODE UTF-8`,
    `PID|1||P${String(n % 2_000).padStart(6, '0')}^^^NORTH&2.16.840.1.113883.19.5&ISO^MR||TESTPERSON^BENCH^Q^^^^L||19700102|F|||1 EXAMPLE ST^^SPRINGFIELD^MA^01101^USA^H`,
    `PV1|1|O|CLINIC^ROOM1^^NORTH||||${doctor}||||||||||||V${order}^^^NORTH&2.16.840.1.113883.19.5&ISO^VN`,
    `ORC|RE|PL${order}^EHR|FI${order}^LAB|||||||||${doctor}`,
    `OBR|1|PL${order}^EHR|FI${order}^LAB|24323-8^Comprehensive metabolic panel^LN|||20260102020000-0500|||||||||${doctor}||||||20260102030000-0500||CH|F`,
    ...RESULTS.map(
      ([code, name, value, unit, range], at) =>
        `OBX|${at + 1}|NM|${code}^${name}^LN|1|${value}|${unit}^${unit}^UCUM|${range}|N|||F|||20260102020000-0500`,
    ),
  ];
  return Buffer.from(`${segments.join('\r')}\r`);
}

/** The codes of `localResultMessage`: one of the report, eleven of results. */
export const localCodes = (prefix: string): readonly string[] =>
  Array.from({ length: 12 }, (_, n) => `${prefix}${String(n).padStart(3, '0')}`);

/** A report with twelve codes of the laboratory's own, whose units need no translation. */
export function localResultMessage(n: number, prefix: string): Buffer {
  const [panel = '', ...results] = localCodes(prefix);
  const plain = resultMessage(n).toString().split('\r').slice(0, 4);
  const segments = [
    ...plain,
    `OBR|1|PL${n}^EHR|FI${n}^LAB|${panel}^Panel^L|||20260102020000-0500|||||||||||||||20260102030000-0500||CH|F`,
    ...results.map(
      (code, at) =>
        `OBX|${at + 1}|NM|${code}^Result^L|1|98|mg/dL^mg/dL^UCUM|70-99|N|||F|||20260102020000-0500`,
    ),
  ];
  return Buffer.from(`${segments.join('\r')}\r`);
}

export const framed = (body: Buffer): Buffer => Buffer.concat([Buffer.of(0x0b), body, Buffer.of(0x1c, 0x0d)]);
