import type { Period } from '@medplum/fhirtypes';
import { type Repetition, toFhirDateTime } from '../../../standards/hl7v2/index.ts';
import { type MapContext, part } from '../context.ts';
import { type Datatype, present } from '../convert.ts';
import { readDateTime } from './dtm.ts';

/** Component, and its subcomponent. */
type At = readonly [component: number, subcomponent?: number];

/** DR → Period: DR-1 start, DR-2 end. An end that can't be read is a finding, and the start is taken. */
export const dr: Datatype<Period> = (value, context) => periodOf(value, context, { start: [1], end: [2] });

/** Two moments of a value as a period. */
export function periodOf(
  value: Repetition,
  context: MapContext,
  { start, end }: { start: At; end: At },
): Period | undefined {
  const from = moment(value, context, start);
  const to = moment(value, context, end);
  return from === undefined && to === undefined ? undefined : present<Period>({ start: from, end: to });
}

function moment(value: Repetition, context: MapContext, [component, subcomponent]: At): string | undefined {
  if (value.component(component, subcomponent) === '') return undefined;
  return part(context, () => {
    const parsed = readDateTime(value, context, component, subcomponent);
    return parsed && toFhirDateTime(parsed);
  });
}
