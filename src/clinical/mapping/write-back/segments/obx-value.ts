import type { Observation, ObservationComponent } from '@medplum/fhirtypes';
import { type FieldValue, type RepetitionValue, repeat } from '../../../../standards/hl7v2/index.ts';
import { leaveOut, type WriteContext } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dr, dtm, tm } from '../datatypes/dtm.ts';
import { nm, sn, unit } from '../datatypes/quantity.ts';

type Valued = Observation | ObservationComponent;

/** OBX-2, OBX-5 and OBX-6 of one value. */
interface Written {
  readonly type: string;
  readonly value: FieldValue;
  readonly units?: RepetitionValue;
}

function writtenOf(one: Valued, context: WriteContext): Written | undefined {
  const { valueQuantity, valueRatio, valueRange, valueString, valueCodeableConcept } = one;
  if (valueQuantity) {
    const units = unit(valueQuantity, context);
    if (valueQuantity.comparator) return { type: 'SN', value: sn.quantity(valueQuantity), units };
    return { type: 'NM', value: nm(valueQuantity.value), units };
  }
  if (valueRatio)
    return { type: 'SN', value: sn.ratio(valueRatio), units: unit(valueRatio.numerator ?? {}, context) };
  if (valueRange)
    return {
      type: 'SN',
      value: sn.range(valueRange),
      units: unit(valueRange.low ?? valueRange.high ?? {}, context),
    };
  if (valueCodeableConcept) return { type: 'CWE', value: cwe(valueCodeableConcept, context) };
  if (valueString !== undefined) return textOf(valueString);
  return timed(one, context);
}

/** ST for a line, TX for several, which are repetitions (2.5.1, 2.A.79). */
function textOf(text: string): Written {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.length === 1 ? { type: 'ST', value: text } : { type: 'TX', value: repeat(...lines) };
}

function timed(one: Valued, context: WriteContext): Written | undefined {
  const { valueDateTime, valueTime, valuePeriod, valueBoolean, valueInteger } = one;
  if (valueDateTime !== undefined)
    return { type: valueDateTime.length > 10 ? 'TS' : 'DT', value: dtm(valueDateTime, context) };
  if (valueTime !== undefined) return { type: 'TM', value: tm(valueTime, context) };
  if (valuePeriod) return { type: 'DR', value: dr(valuePeriod, context) };
  if (valueInteger !== undefined) return { type: 'NM', value: valueInteger };
  if (valueBoolean !== undefined) return { type: 'ID', value: valueBoolean ? 'Y' : 'N' };
  return undefined;
}

/** One OBX has one type: values of another are left out, and said so. */
export function obxValue(values: readonly Valued[], context: WriteContext): Written | undefined {
  const written = values.flatMap((value) => writtenOf(value, context) ?? []);
  const [first] = written;
  if (!first || written.length === 1) return first;
  const same = written.filter(({ type }) => type === first.type);
  if (same.length < written.length) leaveOut(context, 'the values of one OBX are of one type');
  return { ...first, value: repeat(...same.map(({ value }) => value as RepetitionValue)) };
}
