import type { Command } from 'commander';
import { jsonHelp, reason, reasonHelp } from './arguments.ts';
import { examples } from './examples.ts';

export function addChannels(program: Command): void {
  const channels = program
    .command('channels')
    .summary('Pause channels and let them go on.')
    .description('Lists the paused channels. What an operator paused stays paused over a restart.')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus channels pause adt --reason "upgrade of the EHR"', 'its source takes nothing more'],
        ['isthmus channels resume adt --reason "upgrade done"', ''],
      ]),
    )
    .action(async ({ json }: { json?: boolean }) => {
      const { listPauses } = await import('./run-channels.ts');
      await listPauses(json === true);
    });
  const change = (action: 'pause' | 'resume', description: string) =>
    channels
      .command(action)
      .summary(description)
      .description(description)
      .argument('<channel>', 'Its name in the configuration.')
      .requiredOption('--reason <text>', reasonHelp, reason)
      .option('--json', jsonHelp)
      .addHelpText(
        'after',
        examples([[`isthmus channels ${action} adt --reason "told by the EHR team"`, '']]),
      )
      .action(async (channel: string, options: { reason: string }, command: Command) => {
        const { changePause } = await import('./run-channels.ts');
        await changePause(
          action,
          { channel, reason: options.reason },
          command.optsWithGlobals().json === true,
        );
      });
  change('pause', 'Let the source of a channel take nothing more; what was accepted flows on.');
  change('resume', 'Let the source of a channel take messages again.');
}
