import { type Mapped, mapMessage } from '../../clinical/mapping/index.ts';
import { applyWrites, type Change, type RecordWrite } from '../../clinical/record/index.ts';
import type { RecordRequest } from '../../exchange/channels/index.ts';
import type { EffectHandler, OutgoingDraft, QueueEntry } from '../../exchange/queue/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { notificationOf } from '../../gateway/fhir/index.ts';
import { parseMessage } from '../../standards/hl7v2/index.ts';
import { type CloseVisitFact, closeVisitFact } from './steps/close-visit.ts';

export interface RecordEffectOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seals what the record holds, as it seals messages. */
  readonly keyring?: Keyring;
}

/**
 * The effect of `record()`: what messages say is written in the pipeline's transaction, and each change becomes an entry in the
 * queues that asked for changes. Mapping comes before the first statement, so that a message that can't be mapped costs no lock.
 */
export function recordEffect({ clock, logger, keyring }: RecordEffectOptions): EffectHandler {
  return {
    kind: 'record',
    async apply(transaction, batch) {
      const wanted = batch.map(({ entry, value }) => {
        const request = value as RecordRequest;
        return { entry, request, writes: writesOf(request, entry, logger) };
      });
      const changes = await applyWrites(
        transaction,
        wanted.flatMap(({ writes }) => writes),
        keyring ? { keyring } : {},
      );
      let next = 0;
      const at = clock.now();
      return wanted.map(({ entry, request, writes }) => {
        const own = changes.slice(next, next + writes.length);
        next += writes.length;
        return draftsOf(lastOfEach(own), { queues: request.notify, at, correlationId: entry.correlationId });
      });
    },
  };
}

function writesOf(request: RecordRequest, entry: QueueEntry, logger: Logger): readonly RecordWrite[] {
  const closed = request.facts[closeVisitFact] as CloseVisitFact | undefined;
  if (closed) return closed.writes;
  if (request.contentType !== 'application/hl7-v2') return [];
  const { messageId, receivedAt } = entry;
  const { system, authority, defaultCharset, options } = request;
  if (system === undefined)
    throw new IsthmusError('CONFIG_INVALID', {
      place: `channels.${request.channel}.from.system`,
      rule: 'needed to write into the record',
    });
  const message = parseMessage(request.content, defaultCharset === undefined ? {} : { defaultCharset });
  const mapped = mapMessage(message, {
    system,
    zone: typeof options.zone === 'string' ? options.zone : 'UTC',
    messageId,
    receivedAt,
    ...(authority === undefined ? {} : { authority }),
  });
  tellFindings(mapped, { entry, request, logger });
  return mapped.writes;
}

function tellFindings(
  { findings }: Mapped,
  { entry, request, logger }: { entry: QueueEntry; request: RecordRequest; logger: Logger },
): void {
  if (findings.length === 0) return;
  const { channel, type } = request;
  logger.info(
    {
      channel,
      type,
      messageId: entry.messageId,
      findings: findings.map(({ place, rule }) => `${place}: ${rule}`),
    },
    'parts of a message could not be used',
  );
}

/** One message may write a resource twice; who follows hears of it once, as it is in the end. */
function lastOfEach(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) {
    if (change.kind !== 'unchanged') last.set(`${change.type}/${change.id}`, change);
  }
  return [...last.values()];
}

interface Telling {
  readonly queues: readonly string[];
  readonly at: Date;
  readonly correlationId: string;
}

const draftsOf = (changes: readonly Change[], { queues, at, correlationId }: Telling): OutgoingDraft[] =>
  changes.flatMap((change) => {
    const notification = queues.length === 0 ? undefined : notificationOf(change, { at, correlationId });
    return notification ? queues.map((queue) => ({ queue, ...notification })) : [];
  });
