import { type Field, type Repetition, type Segment, toFhirDateTime } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime, readDateTime } from '../datatypes/dtm.ts';
import { type ExactQuantity, quantityOf, unitsOf } from '../datatypes/nm.ts';
import { structuredNumeric } from '../datatypes/sn.ts';
import { type Convert, placeOf, REMOVE } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

type Read = (value: Repetition, context: MapContext, units: ExactQuantity | undefined) => object | undefined;

/** The lines of a text. */
const words = (field: Field): object | undefined => {
  const lines = field.repetitions.map((repetition) => repetition.wholeText);
  const joined = lines.join('\n').trim();
  return joined === '' ? undefined : { String: joined };
};
const coded: Read = (value, context) => wrap('CodeableConcept', cwe()(value, context));
const number: Read = (value, _context, units) => wrap('Quantity', quantityOf(value.text, units));
const moment: Read = (value, context) => wrap('DateTime', dateTime(value, context));
const time: Read = (value) => {
  const match = /^(\d{2})(\d{2})(\d{2})?/.exec(value.text);
  return match ? { Time: `${match[1]}:${match[2]}:${match[3] ?? '00'}` } : undefined;
};
const period: Read = (value, context) => {
  const at = (component: number) => {
    const parsed = readDateTime(value, context, component);
    return parsed && toFhirDateTime(parsed);
  };
  return wrap('Period', present({ start: at(1), end: at(2) }));
};
const range: Read = (value, _context, units) =>
  wrap(
    'Range',
    present({ low: quantityOf(value.component(1), units), high: quantityOf(value.component(2), units) }),
  );

const wrap = (type: string, value: unknown): object | undefined =>
  value === undefined ? undefined : { [type]: value };

/** VR, a range of values of any kind (2.5.1 has none, 2.3 had): as it reads. */
const values: Read = (value) => {
  const ends = [value.component(1), value.component(2)].filter((text) => text !== '');
  return ends.length === 0 ? undefined : { String: ends.join('-') };
};

/** By OBX-2. A type that is not here is kept as text; ED and RP are documents of the report (messages/oru.ts). */
const readers = codeTable<Read>({
  NM: number,
  SN: (value, _context, units) => structuredNumeric(value, units),
  NR: range,
  VR: values,
  CWE: coded,
  CE: coded,
  CNE: coded,
  CF: coded,
  IS: coded,
  ID: coded,
  DT: moment,
  TS: moment,
  DTM: moment,
  TM: time,
  DR: period,
});

export const DOCUMENT_TYPES: ReadonlySet<string> = new Set(['ED', 'RP']);

/** Types of table 0125 that are taken as the text that they are. */
const OF_TABLE_0125: ReadonlySet<string> = new Set(
  'TX FT ST AD CK CN CP CX ED EI HD MA MO NA PN RP SRT TN URL XAD XCN XON XPN XTN GTS'.split(' '),
);

/** Types whose repetitions are lines of one text (TX, FT, ST, and what is not known). Of other types each repetition is a value of its own. */
const isText = (type: string): boolean => readers[type] === undefined;

const typeOf = (segment: Segment): string => segment.field(2).text.trim().toUpperCase();
const hasComponents = (field: Field, type: string): boolean => !isText(type) && field.repetitions.length > 1;

/** OBX-5 by the type in OBX-2, with the units of OBX-6, for the slot `value[x]`. Several values are components instead. */
export const observationValue: Convert = (field, context, { segment, place }) => {
  const type = typeOf(segment);
  if (DOCUMENT_TYPES.has(type)) return undefined;
  if (hasComponents(field, type)) return REMOVE;
  return readValue(field.repetition(1), { field, type, segment, place, context });
};

/** Several values of OBX-5 → Observation.component (v2-to-FHIR guide, OBX[Observation-Component]), each of the code in OBX-3. */
export const observationComponents: Convert = (field, context, { segment, place }) => {
  const type = typeOf(segment);
  if (DOCUMENT_TYPES.has(type)) return undefined;
  if (!hasComponents(field, type)) return REMOVE;
  const code = cwe()(segment.field(3).repetition(1), context) ?? { text: segment.field(3).wholeText };
  const components = field.repetitions.flatMap((value) => {
    const read = readValue(value, { field, type, segment, place, context });
    return read ? [{ code, ...choiceMember(read) }] : [];
  });
  return components.length > 0 ? components : undefined;
};

/** `{ Quantity: … }` of a slot `value[x]` as the member `valueQuantity`. */
const choiceMember = (value: object): object =>
  Object.fromEntries(Object.entries(value).map(([type, inner]) => [`value${type}`, inner]));

interface ValueAt {
  readonly field: Field;
  readonly type: string;
  readonly segment: Segment;
  readonly place: string;
  readonly context: MapContext;
}

function readValue(value: Repetition, { field, type, segment, place, context }: ValueAt): object | undefined {
  const read = readers[type];
  if (!read) {
    if (!OF_TABLE_0125.has(type))
      context.findings.push({ place: placeOf(segment, 2), rule: 'a type of table 0125 is needed' });
    return words(field);
  }
  const units = unitsOf(segment, 6, context);
  // A result that is not what OBX-2 says it is (`<5` as NM) is still a result.
  const found = context.findings.length;
  const usable = attempt(context, place, () => read(value, context, units));
  if (usable ?? context.findings.length === found) return usable;
  const whole = value.wholeText.trim();
  return whole === '' ? undefined : { String: whole };
}
