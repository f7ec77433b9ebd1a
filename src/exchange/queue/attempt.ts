import { sha256 } from '../../foundation/crypto/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { StoredEntry } from './reader.ts';
import { pinnedRendering, pinRenderings } from './sql.ts';
import type { Deliver, DeliveryResult, Release, ReleaseDecision } from './types.ts';

/** One attempt: ask for release, pin what will be sent, send. Never throws; whatever happened is a result (Q7, Q9). */

export type AttemptResult = DeliveryResult | { readonly outcome: 'withheld'; readonly reason: string };

export interface AttemptOptions {
  readonly database: Database;
  readonly epoch: () => number;
  readonly queueId: number;
  readonly release: Release | undefined;
  readonly deliver: Deliver;
}

export async function attempt(
  options: AttemptOptions,
  entry: StoredEntry,
  signal: AbortSignal,
): Promise<AttemptResult> {
  try {
    if (!options.release) return await options.deliver(entry, signal);
    const decision = await options.release(entry);
    if (decision.decision === 'withhold') return { outcome: 'withheld', reason: decision.reason };
    if (decision.decision === 'fail') {
      return { outcome: 'permanent', code: decision.code, detail: decision.reason, scope: 'entry' };
    }
    await pin(options, entry, decision);
    return await options.deliver(rendered(entry, decision), signal);
  } catch (error) {
    return failureOf(error);
  }
}

type Send = Extract<ReleaseDecision, { decision: 'send' }>;

const rendered = (entry: StoredEntry, decision: Send): StoredEntry => ({
  ...entry,
  ...(decision.content ? { content: decision.content } : {}),
  ...(decision.contentType ? { contentType: decision.contentType } : {}),
});

/** The hash of a rendering is durable before its first byte leaves; a repeat is the same, or declared narrower and pinned anew. */
async function pin(
  { database, epoch, queueId }: AttemptOptions,
  entry: StoredEntry,
  decision: Send,
): Promise<void> {
  if (!decision.content) return;
  const hash = sha256(decision.content);
  const [pinned] = await database.query<{ hash: Buffer }>(pinnedRendering, [queueId, entry.sequence]);
  if (pinned?.hash.equals(hash)) return;
  if (pinned && !decision.narrower) throw new IsthmusError('QUEUE_RENDERING_CHANGED', { place: entry.queue });
  await database.query(pinRenderings, [epoch(), [queueId], [entry.sequence], [hash.toString('hex')]]);
}

/** A failed look-up denies (nothing was sent, so it is transient); a changed rendering is for a person to decide. */
function failureOf(error: unknown): DeliveryResult {
  if (error instanceof IsthmusError && error.code === 'QUEUE_RENDERING_CHANGED') {
    return { outcome: 'permanent', code: error.code, detail: error.message, scope: 'entry' };
  }
  const code = error instanceof IsthmusError ? error.code : 'INTERNAL';
  return { outcome: 'ambiguous', code, detail: 'the attempt ended unexpectedly', scope: 'entry' };
}
