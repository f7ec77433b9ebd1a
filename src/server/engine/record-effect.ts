import {
  applyWrites,
  type Change,
  isShared,
  partStrangers,
  provenanceOf,
  type RecordWrite,
  type Stranger,
  type Validate,
} from '../../clinical/record/index.ts';
import type { TranslationWork, Translator } from '../../clinical/terminology/index.ts';
import type { RecordRequest } from '../../exchange/channels/index.ts';
import type { EffectHandler, OutgoingDraft, QueueEntry } from '../../exchange/queue/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { notificationOf } from '../../gateway/fhir/index.ts';
import type { RecordIdentity } from './record-identity.ts';
import { type WritesAndFindings, writesOf } from './record-writes.ts';
import { translationsOf } from './steps/translate.ts';

export interface RecordEffectOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seals what the record holds, as it seals messages. */
  readonly keyring?: Keyring;
  /** What a resource breaks; it is stored all the same, and says so. */
  readonly validate?: Validate;
  /** Puts translations beside the codes of messages that are to be translated. */
  readonly translator: Translator;
  /** Who is who. */
  readonly identity: RecordIdentity;
}

/**
 * The effect of `record()`: what messages say is written in the pipeline's transaction, and each change becomes an entry in the
 * queues that asked for changes. Each message that changed something leaves a Provenance. Mapping comes before the first statement, so that a message that can't be mapped costs no lock.
 * Translating comes before anything is locked, too: a batch whose maps can't be read is tried again as any other. So does the question whether a
 * message is about the patient whose number it bears; who they are besides is looked for last, by what stands then.
 */
export function recordEffect(options: RecordEffectOptions): EffectHandler {
  const { clock, logger, keyring, translator, identity } = options;
  return {
    kind: 'record',
    async apply(transaction, batch) {
      const mapped = batch.map(({ entry, value }) => {
        const request = value as RecordRequest;
        const { writes, findings, controlId, identityEvent } = writesOf(request, entry);
        tellFindings(findings, { entry, request, logger });
        return {
          ...{ entry, request, writes, system: request.system ?? '' },
          ...(identityEvent ? { identityEvent } : {}),
          name: [entry.type, controlId].filter(Boolean).join(' '),
        };
      });
      await identity.demandNoOverlay(transaction, mapped);
      const translated = await translator.translate(transaction, mapped.map(translationWork));
      const parted = await partStrangers(
        transaction,
        mapped.map((one, index) => translated[index] ?? one.writes),
      );
      const wanted = mapped.map((one, index) => ({ ...one, writes: parted.messages[index] ?? one.writes }));
      tellStrangers(parted.strangers, logger);
      const writes = wanted.flatMap((one) => one.writes);
      const at = clock.now();
      const changes = await applyWrites(transaction, writes, options);
      const names = new Map(wanted.map(({ entry, name }) => [entry.messageId, name]));
      const accounts = provenanceOf(writes, changes, { recorded: at, nameOf: (id) => names.get(id) });
      await applyWrites(transaction, accounts, keyring ? { keyring } : {});
      const published = await identity.resolve(transaction, wanted, { changes, at });
      let next = 0;
      return wanted.map(({ entry, request, writes: own }) => {
        const ownChanges = changes.slice(next, next + own.length);
        next += own.length;
        const anew = published.get(entry.messageId) ?? [];
        return draftsOf(lastOfEach([...ownChanges, ...anew]), {
          queues: request.notify,
          at,
          correlationId: entry.correlationId,
        });
      });
    },
  };
}

interface Mapped {
  readonly entry: QueueEntry;
  readonly request: RecordRequest;
  readonly writes: readonly RecordWrite[];
}

const translationWork = ({ entry, request, writes }: Mapped): TranslationWork => ({
  rules: translationsOf(request),
  sender: request.system ?? '',
  messageId: entry.messageId,
  writes,
});

interface Told {
  readonly entry: QueueEntry;
  readonly request: RecordRequest;
  readonly logger: Logger;
}

function tellFindings(findings: WritesAndFindings['findings'], { entry, request, logger }: Told): void {
  if (findings.length === 0) return;
  const { channel, type } = request;
  const { messageId } = entry;
  const told = findings.map(({ place, rule }) => `${place}: ${rule}`);
  logger.info({ channel, type, messageId, findings: told }, 'parts of a message could not be used');
}

/** A number that two people have is for a person to look into. */
function tellStrangers(strangers: readonly Stranger[], logger: Logger): void {
  for (const { write, belongsTo } of strangers)
    logger.warn(
      { resource: `${write.type}/${write.id}`, belongsTo, messageId: write.origin.messageId },
      'a number came for another patient than the one it is known of; what was said is kept apart',
    );
}

/**
 * One message may write a resource twice; who follows hears of it once, as it is in the end. Practitioners, places and organizations that it
 * names in passing are nobody's news, and neither is the list that a snapshot is kept by: they are read with what refers to them. What a source says of a
 * patient of several sources is news of the person.
 */
function lastOfEach(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes.flatMap((one) => [...(one.published ?? [one]), ...(one.ended ?? [])])) {
    if (change.kind === 'unchanged' || isShared(change.type) || change.type === 'List') continue;
    last.set(`${change.type}/${change.id}`, change);
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
