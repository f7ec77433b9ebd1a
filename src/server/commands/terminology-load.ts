import { type Command, Option } from 'commander';
import { jsonHelp, reason, reasonHelp } from './arguments.ts';
import { examples } from './examples.ts';
import type {
  LoadTerminologyOptions,
  RemoveTerminologyOptions,
  UseTerminologyOptions,
} from './terminology-load-options.ts';

/** What is loaded: `isthmus terminology load · list · use · remove`. */
export function addTerminologyLoad(terminology: Command): void {
  addLoad(terminology);
  terminology
    .command('list')
    .summary('List what is loaded.')
    .description(
      'Lists the code systems and maps that are loaded, with all versions, and loads that were broken off.',
    )
    .option('--json', jsonHelp)
    .action(async ({ json }: { json?: boolean }) => {
      const { runTerminologyList } = await import('./run-terminology-load.ts');
      await runTerminologyList(json === true);
    });
  addUse(terminology);
  addRemove(terminology);
}

function addLoad(terminology: Command): void {
  terminology
    .command('load')
    .summary('Load a code system or a map from the files of its publisher.')
    .description(
      'Loads a code system or a map, beside the versions before. All of it is there at once when the load ends, or nothing; what is wrong is listed with file and line. A load that was broken off goes on when the same command is given again. Files may be plain, .gz, or a .zip as it was downloaded.',
    )
    .argument('<format>', 'What the files are: isthmus terminology formats lists them.')
    .argument('<path...>', 'Files, folders and archives.')
    .option('--release <version>', 'The version, where the files do not say it.')
    .option('--url <canonical>', 'The canonical of a map of local codes (csv-map).')
    .addOption(
      new Option('--encoding <name>', 'Of text files.').choices(['utf-8', 'windows-1252']).default('utf-8'),
    )
    .option('--keep-current', 'Keep using the version that is in use.')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus terminology load gem 2018_I9gem.txt 2018_I10gem.txt', 'ICD-9-CM and ICD-10-CM, both ways'],
        ['isthmus terminology load snomed-rf2 SnomedCT_ManagedServiceUS_PRODUCTION.zip', ''],
        ['isthmus terminology load csv-map labs.csv --url urn:example:labs-to-loinc --release 2026-03', ''],
      ]),
    )
    .action(async (format: string, paths: string[], options: LoadTerminologyOptions) => {
      const { runTerminologyLoad } = await import('./run-terminology-load.ts');
      await runTerminologyLoad(format, paths, options);
    });
  terminology
    .command('formats')
    .summary('List the formats that can be loaded.')
    .description('Lists the formats that can be loaded, and which files each wants.')
    .option('--json', jsonHelp)
    .action(async ({ json }: { json?: boolean }) => {
      const { runTerminologyFormats } = await import('./run-terminology-load.ts');
      runTerminologyFormats(json === true);
    });
}

function addUse(terminology: Command): void {
  terminology
    .command('use')
    .summary('Use another version that is loaded.')
    .description('From then on this version is meant where none is named, in the engine that runs as well.')
    .argument('<url>', 'The canonical of the code system or map.')
    .argument('<version>', 'The version, as isthmus terminology list shows it.')
    .option('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([['isthmus terminology use http://loinc.org 2.80', 'back to the one before']]),
    )
    .action(async (url: string, version: string, options: UseTerminologyOptions) => {
      const { runTerminologyUse } = await import('./run-terminology-load.ts');
      await runTerminologyUse(url, version, options);
    });
}

function addRemove(terminology: Command): void {
  terminology
    .command('remove')
    .summary('Remove a version that is loaded.')
    .description(
      'Removes one version of a code system or map, or all of them, also loads that were broken off. What was translated by them stays as it is.',
    )
    .argument('<url>', 'The canonical of the code system or map.')
    .argument('[version]', 'This version only.')
    .option('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([['isthmus terminology remove http://loinc.org 2.78 --reason "outdated"', '']]),
    )
    .action(async (url: string, version: string | undefined, options: RemoveTerminologyOptions) => {
      const { runTerminologyRemove } = await import('./run-terminology-load.ts');
      await runTerminologyRemove(url, version, options);
    });
}
