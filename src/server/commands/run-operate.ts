import { type OperationRequest, requestOperation } from '../../exchange/queue/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';
import { withStore } from './with-store.ts';

/** Asks the engine for an operation and tells what came of it. Without a running engine it is kept, and done at its next start. */
export async function operate(
  request: Omit<OperationRequest, 'actor'>,
  { waitMs, json }: { waitMs: number; json: boolean },
): Promise<void> {
  const outcome = await withStore(async ({ database, messages, actor }) => {
    if (!(await messages.queues()).some(({ name }) => name === request.queue))
      throw new IsthmusError('QUEUE_UNKNOWN', { place: request.queue });
    return requestOperation(database, { ...request, actor }, waitMs);
  });
  const { state, result = '', affected = 0 } = outcome;
  if (json) printJson({ ...request, ...outcome });
  if (state === 'waiting') {
    if (!json)
      process.stderr.write('no engine took it up yet; it is kept and done as soon as one owns the queues\n');
    throw new Exit(exitCodes.waiting);
  }
  if (result !== 'done') {
    if (!json) process.stderr.write(`${request.action} of ${request.queue}: ${result}\n`);
    throw new Exit(exitCodes.failed);
  }
  if (!json) printLine(`${request.action} of ${request.queue}: done (${affected})`);
}
