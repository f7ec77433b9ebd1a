import type { Command } from 'commander';
import { jsonHelp } from './arguments.ts';
import { examples } from './examples.ts';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .summary("Bring the database's schema up to this version.")
    .description(
      'Applies the migrations that are missing, all or none. start does the same; use this to do it beforehand. Engines of the version before go on working meanwhile.',
    )
    .option('--check', 'Only say what is missing; exit code 1 when something is.')
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus migrate --check', 'before an upgrade']]))
    .action(async ({ check, json }: { check?: boolean; json?: boolean }) => {
      const { runMigrate } = await import('./run-migrate.ts');
      await runMigrate({ check: check === true, json: json === true });
    });
}
