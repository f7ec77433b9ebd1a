import type { RecordScope } from '../../clinical/record/index.ts';
import type { MessageScope } from '../../exchange/queue/index.ts';
import type { AuditScope } from '../../foundation/audit/index.ts';

/** Why someone reads: codes of v3-PurposeOfUse (treatment, emergency, payment, operations, the patient's own request). */
export type Purpose = 'TREAT' | 'ETREAT' | 'HPAYMT' | 'HOPERAT' | 'PATRQT';

/** `identity`: decide who is who, and see by what it was decided. */
export type Right = 'identity';

/** Who reads, for whom, for which purpose, and about which patient only. */
export interface AccessContext {
  /** The authenticated client, or the person behind it. Never empty. */
  readonly who: string;
  readonly onBehalfOf?: string;
  readonly purpose: Purpose;
  /** The id of a person: nothing outside this compartment exists. */
  readonly patient?: string;
  /** What it may do beyond reading and writing the record. Default: nothing. */
  readonly rights?: readonly Right[];
  /** Of the request, for the audit trail. */
  readonly correlationId?: string;
}

/** A system of the site that reads on its own behalf, for treatment. */
export const systemContext = (who: string): AccessContext => ({ who, purpose: 'TREAT' });

/** What of the record a context may see. A patient's own request without a patient, or a context of nobody, is nothing. */
export function recordScopeOf(context: AccessContext): RecordScope {
  if (context.who === '' || context.patient === '') return { kind: 'nothing' };
  if (context.patient !== undefined) return { kind: 'compartment', person: context.patient };
  return context.purpose === 'PATRQT' ? { kind: 'nothing' } : { kind: 'everything' };
}

/** Messages are for operating the exchange; whoever is bound to a patient sees none, because a message may be about several. */
export function messageScopeOf(context: AccessContext): MessageScope | undefined {
  return recordScopeOf(context).kind === 'everything' ? undefined : { channels: [] };
}

/** The audit trail is for those who operate the installation; a context of treatment, or bound to a patient, sees nothing of it. */
export function auditScopeOf(context: AccessContext): AuditScope {
  const isBound = recordScopeOf(context).kind !== 'everything';
  return context.purpose === 'HOPERAT' && !isBound ? 'everything' : 'nothing';
}
