import type { AuditEntry } from '../../foundation/audit/index.ts';
import type { Heard } from '../../gateway/fhir/index.ts';

/**
 * One audit entry for each answer of the FHIR API to a known client: who asked for which resource or searched which type, and whether it was
 * shown. Written before the answer leaves; when it can't be written, the answer does not leave. What was written to the record is audited in
 * its own transaction (trust/access), so of writes only those that were refused or found nothing to do are told here. Parameters of a search may hold identifiers and are not
 * kept.
 */
export const auditReads =
  (record: (entries: readonly AuditEntry[]) => Promise<void>) =>
  async (heard: readonly Heard[]): Promise<void> => {
    const entries = heard.filter(
      ({ interaction, status, unwritten }) => status >= 400 || unwritten || interaction?.effect !== 'write',
    );
    if (entries.length > 0) await record(entries.map(entryOf));
  };

function entryOf({ interaction, caller, reference, status, correlationId }: Heard): AuditEntry {
  const shown = status < 400;
  return {
    action: `record.${interaction?.name ?? 'request'}`,
    actor: `client ${caller}`,
    target: reference ?? 'the record',
    outcome: shown ? 'success' : status < 500 ? 'refused' : 'failed',
    correlationId,
    ...(shown ? {} : { reason: `HTTP ${status}` }),
  };
}
