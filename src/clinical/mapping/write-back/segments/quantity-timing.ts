import { components, type WriteContext } from '../context.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import type { Sourced } from '../fields.ts';
import { priority } from './obr-order.ts';
import type { SentOrder } from './orc.ts';

/** TQ of OBR-27 and ORC-7, before TQ1: from when to when, how urgent, in words, and how often. */
export const quantityTiming: Sourced<SentOrder> = {
  from: 'ServiceRequest.occurrenceTiming, ServiceRequest.priority',
  write: ({ request }, context: WriteContext) => {
    const { boundsPeriod: { start, end } = {}, count } = request.occurrenceTiming?.repeat ?? {};
    const at = (text: string | undefined) => text && (dtm(text, context) as string);
    const code = request.priority && (priority(request.priority, context) as string | undefined);
    const words = ofField(request.note, 'TQ1-11')[0]?.text;
    return components(['', '', '', at(start), at(end), code, '', words, '', '', '', count]);
  },
};
