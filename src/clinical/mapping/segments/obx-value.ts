import { type Field, type Repetition, toFhirDateTime } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime, readDateTime } from '../datatypes/dtm.ts';
import { type ExactQuantity, quantityOf, unitsOf } from '../datatypes/nm.ts';
import { structuredNumeric } from '../datatypes/sn.ts';
import type { Convert } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

type Read = (
  value: Repetition,
  field: Field,
  units: ExactQuantity | undefined,
  context: MapContext,
) => object | undefined;

const words: Read = (_value, field) => {
  const lines = field.repetitions.map((repetition) => repetition.wholeText);
  const joined = lines.join('\n').trim();
  return joined === '' ? undefined : { String: joined };
};
const coded: Read = (_value, field, _units, context) => {
  const concepts = field.repetitions.flatMap((one) => cwe()(one, context) ?? []);
  if (concepts.length === 0) return undefined;
  // Several codes for one result are one concept only if each says it alone, so they become one concept with all of the codings.
  const [first] = concepts;
  const coding = concepts.flatMap((concept) => concept.coding ?? []);
  const text = concepts
    .map((concept) => concept.text ?? '')
    .filter((part) => part !== '')
    .join('; ');
  return {
    CodeableConcept:
      concepts.length === 1 ? first : present({ coding, text: text === '' ? undefined : text }),
  };
};
const number: Read = (value, _field, units) => wrap('Quantity', quantityOf(value.text, units));
const moment: Read = (value, _field, _units, context) => wrap('DateTime', dateTime(value, context));
const time: Read = (value) => {
  const match = /^(\d{2})(\d{2})(\d{2})?/.exec(value.text);
  return match ? { Time: `${match[1]}:${match[2]}:${match[3] ?? '00'}` } : undefined;
};
const period: Read = (value, _field, _units, context) => {
  const at = (component: number) => {
    const parsed = readDateTime(value, context, component);
    return parsed && toFhirDateTime(parsed);
  };
  return wrap('Period', present({ start: at(1), end: at(2) }));
};
const range: Read = (value, _field, units) =>
  wrap(
    'Range',
    present({ low: quantityOf(value.component(1), units), high: quantityOf(value.component(2), units) }),
  );

const wrap = (type: string, value: unknown): object | undefined =>
  value === undefined ? undefined : { [type]: value };

/** By OBX-2. A type that is not here is kept as text; ED and RP are documents of the report (messages/oru.ts). */
const readers = codeTable<Read>({
  NM: number,
  SN: (value, _field, units) => structuredNumeric(value, units),
  NR: range,
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

/** OBX-5 by the type in OBX-2, with the units of OBX-6, for the slot `value[x]`. */
export const observationValue: Convert = (field, context, { segment, place }) => {
  const type = segment.field(2).text.toUpperCase();
  if (DOCUMENT_TYPES.has(type)) return undefined;
  const read = readers[type] ?? words;
  if (field.repetitions.length > 1 && read !== coded && read !== words) {
    context.findings.push({ place, rule: `one value of type ${type}; several are kept as text` });
    return words(field.repetition(1), field, undefined, context);
  }
  const units = unitsOf(segment.field(6).repetitions[0], context);
  // A result that is not what OBX-2 says it is (`<5` as NM) is still a result.
  const found = context.findings.length;
  const value = attempt(context, place, () => read(field.repetition(1), field, units, context));
  return (
    value ??
    (context.findings.length > found ? words(field.repetition(1), field, undefined, context) : undefined)
  );
};
