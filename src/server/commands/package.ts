import type { Command } from 'commander';
import { jsonHelp, reason, reasonHelp } from './arguments.ts';
import type { RemovePackageOptions } from './command-options.ts';
import { examples } from './examples.ts';

export function addPackage(program: Command): void {
  const packages = program
    .command('package')
    .summary('FHIR packages: the profiles that are validated against.')
    .description(
      'FHIR packages (implementation guides) that the engine validates against, when a resource claims a profile of theirs. They are loaded from files; nothing is fetched.',
    );
  addLoad(packages);
  packages
    .command('list')
    .summary('List the packages that are loaded.')
    .description('Lists the packages that are loaded, and how much each defines.')
    .option('--json', jsonHelp)
    .action(async ({ json }: { json?: boolean }) => {
      const { runPackageList } = await import('./run-package.ts');
      await runPackageList(json === true);
    });
  packages
    .command('remove')
    .summary('Remove a package.')
    .description(
      'Removes one version of a package, or all of them. Resources stay as they are; their profiles are unknown from then on.',
    )
    .argument('<name>', 'The name of the package.')
    .argument('[version]', 'This version only.')
    .option('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([['isthmus package remove hl7.fhir.us.core 6.1.0 --reason "replaced by 7.0.0"', '']]),
    )
    .action(async (name: string, version: string | undefined, options: RemovePackageOptions) => {
      const { runPackageRemove } = await import('./run-package.ts');
      await runPackageRemove(name, version, options);
    });
}

function addLoad(packages: Command): void {
  packages
    .command('load')
    .summary('Load packages from .tgz files.')
    .description(
      'Loads FHIR packages for R4, beside other versions of them. A running engine validates by them at once. The same package again changes nothing.',
    )
    .argument('<files...>', 'The packages, as packages.fhir.org or the guide publishes them.')
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus package load hl7.fhir.us.core-6.1.0.tgz', 'US Core 6.1.0']]))
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const { runPackageLoad } = await import('./run-package.ts');
      await runPackageLoad(files, json === true);
    });
}
