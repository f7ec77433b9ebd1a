import { IsthmusError } from '../../foundation/errors/index.ts';
import { cancelExport, listExports } from '../../gateway/bulk-data/index.ts';
import { printAge, printJson, printLine, printTable } from './output.ts';
import { withStore } from './with-store.ts';

export async function runListExports({ limit, json }: { limit: number; json?: boolean }): Promise<void> {
  const exports = await withStore(({ database }) => listExports(database, limit));
  if (json) return printJson({ exports });
  if (exports.length === 0) return printLine('no exports');
  const now = new Date();
  printTable(
    ['export', 'client', 'state', 'age', 'resources', 'bytes', 'progress'],
    exports.map(({ id, client, state, createdAt, resources, bytes, progress }) => [
      ...[id, client, state, printAge(createdAt, now)],
      ...[String(resources), String(bytes), progress],
    ]),
  );
}

export async function runCancelExport(
  id: string,
  { reason, json }: { reason: string; json?: boolean },
): Promise<void> {
  const wasThere = await withStore(({ database, audit, actor }) =>
    cancelExport(database, id, (transaction) =>
      audit.recordIn(transaction, {
        ...{ action: 'exports.cancel', actor, target: `export ${id}`, outcome: 'success', reason },
      }),
    ),
  );
  if (!wasThere) throw new IsthmusError('NOT_FOUND', { place: 'export' });
  if (json) printJson({ cancelled: id });
  else printLine('the export is cancelled');
}
