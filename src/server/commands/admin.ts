import type { Command } from 'commander';
import { jsonHelp, reason, reasonHelp } from './arguments.ts';
import { addAudit } from './audit.ts';
import { examples } from './examples.ts';
import { addExports } from './exports.ts';

export function addAdmin(program: Command): void {
  const admin = program
    .command('admin')
    .summary('Administer the installation.')
    .description('Administers the installation.');
  const token = admin
    .command('token')
    .summary('The bearer token of the API.')
    .description('The bearer token of the API.');
  token
    .command('show')
    .summary('Print the token.')
    .description(
      'Prints the operator token of the API, made at the first start. Whoever has it may read the record.',
    )
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        [
          'curl -H "Authorization: Bearer $(isthmus admin token show)" localhost:8080/fhir/R4/Patient',
          'use it',
        ],
      ]),
    )
    .action(async ({ json }: { json?: boolean }) => {
      const { showToken } = await import('./run-token.ts');
      await showToken(json === true);
    });
  token
    .command('rotate')
    .summary('Make a new token.')
    .description(
      'Makes a new token. The old one is no longer taken within a second; a running engine goes on.',
    )
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus admin token rotate --reason "a colleague left"', '']]))
    .action(async (options: { reason: string; json?: boolean }) => {
      const { rotateToken } = await import('./run-token.ts');
      await rotateToken(options.reason, options.json === true);
    });
  addAudit(admin);
  addExports(admin);
  admin
    .command('reindex')
    .summary('Fill what is searched again.')
    .description(
      'After an update that reads resources otherwise for searching, a running engine fills what is searched again by itself; here it is done by hand, before the engine starts or to see how far it is. Contents and versions stay as they are; broken off, it goes on next time.',
    )
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus admin reindex', '']]))
    .action(async ({ json }: { json?: boolean }) => {
      const { runReindex } = await import('./run-reindex.ts');
      await runReindex(json === true);
    });
}
