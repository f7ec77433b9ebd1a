import { type FieldValue, type RepetitionValue, repeat } from '../../../standards/hl7v2/index.ts';

type CodeSets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The field with the receiver's codes in place of the standard's: those of `PV1-2` in its first component, of `PID-3.5` in the fifth. */
export function recoded(value: FieldValue, field: string, codes: CodeSets): FieldValue {
  for (const [place, table] of Object.entries(codes)) {
    const [name, component = '1'] = place.split('.');
    if (name !== field) continue;
    const one = (repetition: RepetitionValue) => replaced(repetition, Number(component) - 1, table);
    value = isRepeated(value) ? repeat(...value.repetitions.map(one)) : one(value);
  }
  return value;
}

const isRepeated = (value: FieldValue): value is Exclude<FieldValue, RepetitionValue> =>
  typeof value === 'object' && value !== null && 'repetitions' in value;

function replaced(
  value: RepetitionValue,
  at: number,
  table: Readonly<Record<string, string>>,
): RepetitionValue {
  const other = (code: unknown): string | undefined =>
    typeof code === 'string' && Object.hasOwn(table, code) ? table[code] : undefined;
  if (typeof value !== 'object' || value === null) return at === 0 ? (other(value) ?? value) : value;
  return value.map((component, index) => (index === at ? (other(component) ?? component) : component));
}
