import type { Command } from 'commander';
import { jsonHelp, positiveNumber, reason, reasonHelp } from './arguments.ts';
import { examples } from './examples.ts';
import type { EstimateCommandOptions, ReconcileCommandOptions } from './identity-options.ts';

/** Jobs over everybody: `isthmus identity reconcile · estimate`. */
export function addIdentityUpkeep(identity: Command): void {
  identity
    .command('reconcile')
    .summary('Look for duplicates and suspicious persons.')
    .description(
      'Compares whoever was not yet compared by the model in use, links who is the same beyond doubt, asks about the others, and asks about persons whose sources do not hold together. Beside a running engine; broken off, the same command goes on.',
    )
    .option('--all', 'Everybody, also who was compared by this model before.')
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus identity reconcile', 'after a new model or a first load']]))
    .action(async (options: ReconcileCommandOptions) => {
      const { runReconcile } = await import('./run-identity-upkeep.ts');
      await runReconcile(options);
    });
  identity
    .command('estimate')
    .summary("Estimate the model from the site's own data.")
    .description(
      'Estimates how often fields agree for one person and for two, and how frequent names are, from what the sources say, without labels. --adopt puts it in use in place of the shipped one; reconcile then compares everybody again.',
    )
    .option('--sample <count>', 'From at most so many source patients.', positiveNumber, 100_000)
    .option('--adopt', 'Put it in use.')
    .option('--shipped', 'Go back to the shipped model.')
    .option('--reason <text>', `${reasonHelp} Needed with --adopt and --shipped.`, reason)
    .option('--json', `${jsonHelp} The whole model.`)
    .addHelpText(
      'after',
      examples([
        ['isthmus identity estimate', 'what it would be'],
        ['isthmus identity estimate --adopt --reason "first 50,000 patients loaded"', ''],
      ]),
    )
    .action(async (options: EstimateCommandOptions) => {
      const { runEstimate } = await import('./run-identity-upkeep.ts');
      await runEstimate(options);
    });
}
