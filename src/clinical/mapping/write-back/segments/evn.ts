import { moment } from '../datatypes/dtm.ts';
import type { SegmentPart } from '../parts.ts';
import { one } from '../profile.ts';

/** EVN: the event's code, and when it became known here. */
export const evn = <F>(event: string | ((facts: F) => string)): SegmentPart<F, F> =>
  one<F>('EVN', {
    1: typeof event === 'string' ? event : (facts) => event(facts),
    2: (_facts, context) => moment(context.at, context),
  });
