import type { Command } from 'commander';
import { jsonHelp, positiveNumber, reason, reasonHelp } from './arguments.ts';
import { examples } from './examples.ts';

export function addExports(admin: Command): void {
  const exports = admin
    .command('exports')
    .summary('Exports in bulk.')
    .description('Exports in bulk that clients asked for, while they are kept.');
  exports
    .command('list')
    .summary('List exports.')
    .description('Lists who exports, how far each export is and how much room it takes, newest first.')
    .option('--limit <count>', 'At most so many.', positiveNumber, 50)
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus admin exports list', '']]))
    .action(async (options: { limit: number; json?: boolean }) => {
      const { runListExports } = await import('./run-exports.ts');
      await runListExports(options);
    });
  exports
    .command('cancel')
    .argument('<id>', 'The export, as the list shows it.')
    .summary('Cancel an export, or take its files away.')
    .description(
      'Takes an export and its files away. One that runs ends at its next write; the client finds nothing there any more.',
    )
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        [
          'isthmus admin exports cancel 0198c0de-0000-7000-8000-000000000000 --reason "asked for by mistake"',
          '',
        ],
      ]),
    )
    .action(async (id: string, options: { reason: string; json?: boolean }) => {
      const { runCancelExport } = await import('./run-exports.ts');
      await runCancelExport(id, options);
    });
}
