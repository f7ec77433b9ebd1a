import type { Command } from 'commander';
import { jsonHelp, moment, positiveNumber } from './arguments.ts';
import type { AuditListOptions } from './command-options.ts';
import { examples } from './examples.ts';

export function addAudit(admin: Command): void {
  const audit = admin.command('audit').summary('The audit trail.').description('The audit trail.');
  addList(audit);
  addVerify(audit);
}

function addList(audit: Command): void {
  audit
    .command('list')
    .summary('List who did what.')
    .description(
      'Lists the entries of the audit trail, newest first: who did what to which target, with what outcome and why. That it was listed is audited, too.',
    )
    .option('--since <moment>', 'Recorded since then: 2026-03-10T14:00:00Z, or 15m, 2h, 3d ago.', moment)
    .option('--actor <actor>', 'By this one: "login ines", "client operator", system.')
    .option('--action <action>', 'This action: queue.release, or queue for all of the queues.')
    .option('--target <target>', 'On this target: "adt>televisit", "message 1042", Patient/….')
    .option('--before <id>', 'The next page: entries before this one.', positiveNumber)
    .option('--limit <count>', 'At most so many.', positiveNumber, 50)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus admin audit list --since 1d --action queue', 'what was done to queues today'],
        ['isthmus admin audit list --target "message 1042"', 'who looked at a message'],
      ]),
    )
    .action(async (options: AuditListOptions) => {
      const { listAudit } = await import('./run-audit.ts');
      await listAudit(options);
    });
}

function addVerify(audit: Command): void {
  audit
    .command('verify')
    .summary('Check that the audit trail is as it was sealed.')
    .description(
      'Computes the chain of seals again from the entries and holds it against the head that the engine keeps in ISTHMUS_HOME/audit-head.json. Says what was altered, removed, added or cut off, and where; then it ends with exit code 1. What is newer than the last seal, a minute at most while an engine runs, is not covered.',
    )
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus admin audit verify', '']]))
    .action(async (options: { json?: boolean }) => {
      const { verifyTrail } = await import('./run-audit.ts');
      await verifyTrail(options.json === true);
    });
}
