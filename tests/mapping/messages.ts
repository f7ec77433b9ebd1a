import { type MapOptions, mapMessage } from '../../src/clinical/mapping/index.ts';
import { type Hl7Message, parseMessage } from '../../src/standards/hl7v2/index.ts';

/** A message from its segments, one per line. */
export const message = (...lines: string[]): Hl7Message => parseMessage(Buffer.from(`${lines.join('\r')}\r`));

export const options: MapOptions = {
  system: 'general',
  authority: '2.16.840.1.113883.19.5',
  zone: 'America/New_York',
  messageId: 42,
  receivedAt: new Date('2026-03-03T16:00:00Z'),
};

export const map = (...lines: string[]) => mapMessage(message(...lines), options);

export const msh = (type: string, time = '20260303104500', control = 'MSG00001') =>
  `MSH|^~\\&|REGADT|GENERAL|ISTHMUS|HUB|${time}||${type}|${control}|P|2.5.1|||AL|NE|||UNICODE UTF-8`;

export const evn = (event: string, time = '20260303104500') => `EVN|${event}|${time}`;

/** A segment by field numbers, so that nobody counts separators. */
export function line(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
}

export const pidFields = {
  1: '1',
  3: 'MRN-1001^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR~900112233^^^USSSA^SS',
  5: 'Okafor^Ada^Chioma^Jr^Dr^^L~Ada^^^^^^N',
  7: '198402141530',
  8: 'F',
  10: '2054-5^Black or African American^CDCREC',
  11: '12 Elm St^Apt 4^Springfield^IL^62701^USA^H',
  13: '^PRN^PH^^1^217^5550142~^NET^Internet^ada@example.org',
  14: '^WPN^PH^^1^217^5550199^12',
  15: 'en^English^ISO639',
  16: 'M',
  22: 'N^Not Hispanic^HL70189',
  24: 'N',
};
export const pid = line('PID', pidFields);

export const pv1 = (visit = 'V-2001', admitted = '20260303093000') =>
  line('PV1', {
    1: '1',
    2: 'O',
    3: 'CARD^101^A^GENERAL^^^N^2',
    4: 'R',
    7: '1234567893^Reyes^Maria^^^Dr^MD^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
    10: 'CAR',
    17: '2345678901^Novak^Jan',
    19: `${visit}^^^GENERAL&2.16.840.1.113883.19.5&ISO^VN`,
    44: admitted,
  });

export const oru = (...results: string[]): string[] => [
  msh('ORU^R01^ORU_R01'),
  'PID|1||MRN-1001^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR||Okafor^Ada',
  pv1(),
  'ORC|RE|PL-77^EHR|FI-99^LAB',
  line('OBR', {
    1: '1',
    2: 'PL-77^EHR',
    3: 'FI-99^LAB',
    4: '24323-8^Comprehensive metabolic panel^LN',
    7: '202603030815',
    22: '20260303103000',
    24: 'LAB',
    25: 'F',
  }),
  ...results,
];

export const glucose = 'OBX|1|NM|2345-7^Glucose^LN||98.0|mg/dL^^UCUM|70-99|N|||F|||202603030815';
