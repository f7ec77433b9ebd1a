import {
  type AuditVerdict,
  type BrokenAudit,
  readAnchor,
  verifyAudit,
} from '../../foundation/audit/index.ts';
import { auditHeadFile } from '../engine/audit-head-file.ts';
import type { AuditListOptions } from './command-options.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printJson, printLine, printTable, printTime } from './output.ts';
import { withStore } from './with-store.ts';

export async function listAudit({ json, before, ...filter }: AuditListOptions): Promise<void> {
  const entries = await withStore(async ({ trail, audit, actor }) => {
    const found = await trail.entries({ ...filter, ...(before === undefined ? {} : { beforeId: before }) });
    await audit.record({ action: 'audit.list', actor, target: 'audit trail', outcome: 'success' });
    return found;
  });
  if (json) return printJson({ entries });
  if (entries.length === 0) return printLine('no entry fits');
  printTable(
    ['entry', 'recorded (UTC)', 'actor', 'action', 'target', 'outcome', 'why'],
    entries.map(({ id, recordedAt, actor, action, target, outcome, reason }) => [
      String(id),
      printTime(recordedAt),
      actor,
      action,
      target,
      outcome,
      reason ?? '',
    ]),
  );
  const last = entries.at(-1);
  if (last && entries.length === filter.limit) printLine(`more with --before ${last.id}`);
}

interface Verified {
  readonly verdict: AuditVerdict;
  readonly file: string;
  /** The seal whose hash was kept; undefined when none was yet. */
  readonly anchored: number | undefined;
}

export async function verifyTrail(json: boolean): Promise<void> {
  const verified = await withStore(async ({ database, settings }): Promise<Verified> => {
    const file = auditHeadFile(settings.home);
    const anchor = await readAnchor(file);
    return { verdict: await verifyAudit(database, anchor), file, anchored: anchor?.number };
  });
  const { verdict, file, anchored } = verified;
  if (json) printJson({ ...verdict, anchor: { file, seal: anchored ?? null } });
  else if (verdict.intact) tellIntact(verified);
  else process.stderr.write(`${brokenLines(verdict, verified).join('\n')}\n`);
  if (!verdict.intact) throw new Exit(exitCodes.failed);
}

function tellIntact({ verdict, file, anchored }: Verified): void {
  if (!verdict.intact) return;
  const { head, entries, unsealed } = verdict;
  printLine(`the audit trail is as it was sealed: ${entries} entries under ${head.number} seals`);
  printLine(
    anchored === undefined
      ? `no head is kept in ${file}: that a tail was cut off, or all made anew, would not be seen`
      : `seal ${anchored} is the one that is kept in ${file}`,
  );
  if (unsealed > 0) printLine(`${unsealed} newer entries are not sealed yet`);
}

function brokenLines(broken: BrokenAudit, { file, anchored }: Verified): string[] {
  const { finding, seal, rule, afterEntry, lastEntry, sealedAt } = broken;
  const until = lastEntry === undefined ? '' : ` to ${lastEntry}`;
  return [
    `the audit trail is not the one that was sealed: ${finding} at seal ${seal} (${rule})`,
    `  entries in question: after ${afterEntry}${until}${sealedAt ? `, sealed ${printTime(sealedAt)}` : ''}`,
    `  what lies before is intact${anchored === undefined ? '' : `; seal ${anchored} is kept in ${file}`}`,
    'Leave the database and the file as they are, and find out who wrote there.',
  ];
}
