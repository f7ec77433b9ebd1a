import type { HumanName, Patient } from '@medplum/fhirtypes';
import type { Holding, Identity, IdentityChange, Told } from '../../clinical/identity/index.ts';
import type { IdentityEvent } from '../../clinical/mapping/index.ts';
import type { Change, RecordWrite } from '../../clinical/record/index.ts';
import { EntryHeld, type QueueEntry } from '../../exchange/queue/index.ts';
import type { AuditPort } from '../../foundation/audit/index.ts';
import type { Transaction } from '../../foundation/database/index.ts';

/** What identity needs to know of a message on its way into the record. */
interface Arrived {
  readonly entry: QueueEntry;
  /** The system that said it. */
  readonly system: string;
  readonly writes: readonly RecordWrite[];
  /** What it says about who is who. */
  readonly identityEvent?: IdentityEvent;
}

export interface RecordIdentityOptions {
  readonly identity: Identity;
  readonly audit: AuditPort;
}

/** Patients that were published anew because of who stands behind whom, by message. */
type PublishedBy = ReadonlyMap<number, readonly Change[]>;

/** What identity has to do with a batch of messages: before anything is written, and after. */
export interface RecordIdentity {
  /**
   * Throws EntryHeld for a message that speaks of somebody else than the source patient whose number it bears: a registration that would overwrite
   * them, or a result on the wrong patient. What may be so is put to a person, and goes on. Nothing is locked yet. IDENTITY_REFUSED once a person has decided that it is so.
   */
  demandNoOverlay(transaction: Transaction, arrived: readonly Arrived[]): Promise<void>;
  /** Carries out the messages' own events in order, then looks for whom else is known of those of whom something was said. Throws as `demandNoOverlay`. */
  resolve(transaction: Transaction, arrived: readonly Arrived[], written: Written): Promise<PublishedBy>;
}

interface Written {
  readonly changes: readonly Change[];
  readonly at: Date;
}

export function recordIdentity({ identity, audit }: RecordIdentityOptions): RecordIdentity {
  /** In a batch a message is only found out; it is judged when it comes alone, so that nobody is held for another's sake. */
  const wait = async (alone: boolean, holding: Holding): Promise<'same' | 'unanswered'> => {
    if (!alone) throw new EntryHeld('to be judged by itself', 0);
    const hold = await identity.hold(holding);
    if (hold.waits) throw new EntryHeld(hold.reason, hold.forMs);
    return hold.isAnswered ? 'same' : 'unanswered';
  };
  return {
    async demandNoOverlay(transaction, arrived) {
      const told = arrived.flatMap(({ entry, writes }) =>
        writes.flatMap((write) => toldBy(write).map((one) => ({ ...one, messageId: entry.messageId }))),
      );
      for (const { index, source, comparison, isOverlay } of await identity.overlays(transaction, told)) {
        const messageId = told[index]?.messageId;
        if (messageId === undefined) continue;
        const holding = { kind: 'overlay', messageId, one: source, comparison } as const;
        if (isOverlay) await wait(isAlone(arrived), holding);
        else await identity.suspect(transaction, holding);
      }
    },
    async resolve(transaction, arrived, { changes, at }) {
      const published = new Map<number, Change[]>();
      const tell = (changed: readonly Change[], otherwise: number) => {
        for (const change of changed) {
          const message = change.messageId ?? otherwise;
          published.set(message, [...(published.get(message) ?? []), change]);
        }
      };
      for (const { entry, system, identityEvent: event } of arrived) {
        if (!event) continue;
        const { messageId } = entry;
        const carried = await identity.carryOut(transaction, {
          event,
          decision: { actor: `system ${system}`, reason: `ADT^${event.event}`, at, messageId },
          ask: ({ one, other, comparison }) =>
            wait(isAlone(arrived), {
              ...{ kind: 'contradictory-merge', messageId, one, other },
              ...(comparison ? { comparison } : {}),
            }),
        });
        for (const change of carried) tell(change.published, messageId);
        await auditEvents(transaction, carried, { audit, event, system, entry });
      }
      const messages = messagesOf(changes);
      const last = arrived.at(-1)?.entry.messageId ?? 0;
      await identity.observe(transaction, {
        sources: [...messages.keys()],
        at,
        messages,
        onPublished: (anew) => tell(anew, last),
      });
      return published;
    },
  };
}

/** A message that a step has split comes in several parts, which are judged together. */
const isAlone = (arrived: readonly Arrived[]): boolean =>
  new Set(arrived.map(({ entry }) => `${entry.queue} ${entry.sequence}`)).size === 1;

/** Of a Patient: whom it states or mentions, as far as it matters here. */
function toldBy({ type, id, set, copy = false }: RecordWrite): Told[] {
  if (type !== 'Patient' || (set.name === undefined && set.birthDate === undefined)) return [];
  const patient: Patient = { resourceType: 'Patient' };
  if (Array.isArray(set.name)) patient.name = set.name as HumanName[];
  if (typeof set.birthDate === 'string') patient.birthDate = set.birthDate;
  if (typeof set.gender === 'string') patient.gender = set.gender as NonNullable<Patient['gender']>;
  return [{ source: id, patient, states: !copy }];
}

/** The source patients of whom the batch said something new, each with the last message that did. */
function messagesOf(changes: readonly Change[]): Map<string, number> {
  const messages = new Map<string, number>();
  for (const { type, id, kind, messageId } of changes)
    if (type === 'Patient' && kind !== 'unchanged' && messageId !== undefined) messages.set(id, messageId);
  return messages;
}

interface Carried {
  readonly audit: AuditPort;
  readonly event: IdentityEvent;
  readonly system: string;
  readonly entry: QueueEntry;
}

async function auditEvents(
  transaction: Transaction,
  changes: readonly IdentityChange[],
  { audit, event, system, entry }: Carried,
): Promise<void> {
  for (const { eventId } of changes) {
    if (eventId === undefined) continue;
    await audit.recordIn(transaction, {
      action: `identity.${event.kind}`,
      actor: `system ${system}`,
      target: `identity-event ${eventId}`,
      outcome: 'success',
      reason: `ADT^${event.event} of message ${entry.messageId}`,
      correlationId: entry.correlationId,
    });
  }
}
