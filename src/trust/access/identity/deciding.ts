import type { Decision, IdentityChange } from '../../../clinical/identity/index.ts';
import type { AuditBatches, AuditEntry } from '../../../foundation/audit/index.ts';
import type { Clock } from '../../../foundation/clock/index.ts';
import { classifyFailure, type Database, type Transaction } from '../../../foundation/database/index.ts';
import type { AccessContext } from '../context.ts';

export interface Deciding {
  readonly database: Database;
  readonly context: AccessContext;
  readonly audit: Pick<AuditBatches, 'recordAllIn'> | undefined;
  readonly clock: Clock;
}

const ATTEMPTS = 5;

/** What is done in one transaction, again from the beginning when another one got in between. */
export async function decided<T>(
  database: Database,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (classifyFailure(error) !== 'conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}

export const actorOf = ({ who, onBehalfOf }: AccessContext): string =>
  onBehalfOf === undefined ? `client ${who}` : `client ${who} for ${onBehalfOf}`;

export const decisionOf = ({ context, clock }: Deciding, reason: string): Decision => ({
  actor: actorOf(context),
  reason,
  at: clock.now(),
});

/** Tells the audit trail of a decision, in its transaction; what was so already is no decision. */
export async function tellDecision(
  transaction: Transaction,
  action: string,
  { change, audit, context }: Pick<Deciding, 'audit' | 'context'> & { readonly change: IdentityChange },
): Promise<void> {
  if (change.proposal !== undefined)
    await audit?.recordAllIn(transaction, [
      entryOf('identity.propose', `identity-review ${change.proposal}`, context),
    ]);
  if (change.eventId === undefined) return;
  await audit?.recordAllIn(transaction, [entryOf(action, `identity-event ${change.eventId}`, context)]);
}

export const entryOf = (action: string, target: string, context: AccessContext): AuditEntry => ({
  ...{ action, actor: actorOf(context), target, outcome: 'success' },
  ...(context.correlationId === undefined ? {} : { correlationId: context.correlationId }),
});
