import { renderRow } from '../render.ts';
import type { WriteOutcome } from '../types.ts';
import type { Stored } from './store.ts';
import type { Version } from './version.ts';

/** What stands now, rendered only when it is asked for: an import of many asks for none. */
export function outcomeOf(
  kind: 'created' | 'updated' | 'unchanged',
  version: Version,
  { lastUpdated, personId }: Stored,
): WriteOutcome {
  const { type, id } = version;
  return {
    kind,
    type,
    id,
    version: version.version,
    lastUpdated,
    get json() {
      const row = {
        type,
        id,
        version: version.version,
        last_updated: lastUpdated,
        source_system: version.sourceSystem,
        source_patient_id: version.sourcePatientId,
        authority: null,
        identifier: null,
        person_id: personId,
        message_id: version.messageId,
        issues: version.issues,
        content_key: null,
        content: version.content,
      };
      return renderRow(row, undefined).json;
    },
  };
}

export const outcomeOfDeletion = (row: {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly last_updated: Date;
}): WriteOutcome => ({
  kind: 'deleted',
  type: row.type,
  id: row.id,
  version: row.version,
  lastUpdated: row.last_updated,
});
