import {
  type Hl7DateTime,
  type Repetition,
  toFhirDate,
  toFhirDateTime,
} from '../../../standards/hl7v2/index.ts';
import { parseInZone } from '../clocks.ts';
import type { MapContext } from '../context.ts';
import type { Datatype } from '../convert.ts';

/** DTM, TS or DT at a component, in the message's clocks. Throws HL7_BAD_TIMESTAMP; undefined when empty. */
export function readDateTime(
  value: Repetition,
  context: MapContext,
  component = 1,
  subcomponent = 1,
): Hl7DateTime | undefined {
  const text = value.component(component, subcomponent);
  if (text === '') return undefined;
  // TS-2, the degree of precision, when the field is a TS.
  const degree = component === 1 && subcomponent === 1 ? value.component(2) : '';
  return parseInZone(text, context.zone, degree.length === 1 ? { degree } : {});
}

/** → dateTime, as exact as it was sent. */
export const dateTime: Datatype<string> = (value, context) => {
  const text = value.component(1);
  if (text === '') return undefined;
  // Every result of a panel has the same time. A degree of precision (TS-2) changes what it says.
  const key = `${text}^${value.component(2)}`;
  const known = context.moments.get(key);
  if (known !== undefined) return known;
  const parsed = readDateTime(value, context);
  const moment = parsed && toFhirDateTime(parsed);
  if (moment !== undefined) context.moments.set(key, moment);
  return moment;
};

/** → date, without the time of day. */
export const date: Datatype<string> = (value, context) => {
  const parsed = readDateTime(value, context);
  return parsed && toFhirDate(parsed);
};

/** → instant; undefined when it is less exact than a minute. */
export const instant: Datatype<string> = (value, context) => {
  const parsed = readDateTime(value, context);
  if (parsed?.minute === undefined || parsed.offsetMinutes === undefined) return undefined;
  return toFhirDateTime(parsed);
};
