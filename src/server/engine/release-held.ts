import type { Answered, Answering } from '../../clinical/identity/index.ts';
import { requestOperation, traceOf } from '../../exchange/queue/index.ts';
import type { Database } from '../../foundation/database/index.ts';

/** Lets the message go on that a question held, now that the question is answered: it is judged anew, by the answer. */
export const releaseHeld =
  (database: Database) =>
  async ({ review, state }: Answered, { by, answer }: Answering): Promise<void> => {
    if (state !== 'decided' || review.messageId === undefined || review.heldUntil === undefined) return;
    for (const { queue, sequence, state: where } of await traceOf(database, review.messageId))
      if (where === 'held')
        await requestOperation(database, {
          ...{ action: 'release', queue, sequence, actor: by },
          reason: `identity review ${review.id}: ${answer}`,
        });
  };
