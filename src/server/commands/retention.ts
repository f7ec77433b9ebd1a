import type { Command } from 'commander';
import { jsonHelp, positiveNumber, reason, reasonHelp } from './arguments.ts';
import type { RetentionOptions } from './command-options.ts';
import { examples } from './examples.ts';

export function addRetention(program: Command): void {
  const retention = program
    .command('retention')
    .summary('Delete old messages.')
    .description(
      'A running engine deletes messages that are done everywhere after ISTHMUS_RETENTION_DAYS; here it is done by hand.',
    );
  retention
    .command('apply')
    .summary('Delete messages older than so many days.')
    .description(
      'Deletes messages received before then that are done in every queue. What is parked, held or waiting stays, however old. This can not be undone.',
    )
    .requiredOption('--older-than <days>', 'Received more than so many days ago.', positiveNumber)
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([['isthmus retention apply --older-than 30 --reason "disk nearly full"', '']]),
    )
    .action(async (options: RetentionOptions) => {
      const { runRetention } = await import('./run-retention.ts');
      await runRetention(options);
    });
}
