import { type Command, InvalidArgumentError } from 'commander';
import { jsonHelp, positiveNumber } from './arguments.ts';
import type { ImportCommandOptions } from './command-options.ts';
import { examples } from './examples.ts';

const MAX_WORKERS = 32;

export function addImport(program: Command): void {
  program
    .command('import')
    .summary('Import FHIR resources from files into the record.')
    .description(
      'Imports NDJSON (.ndjson, .jsonl) and bundles (.json: transaction, batch, collection, searchset), plain or with .gz, and folders of them. Each resource is validated; what is invalid is refused and listed with line, place and rule. An import that was broken off goes on where it was when the same command is given again; a file that was imported is not imported again.',
    )
    .argument('<path...>', 'Files and folders.')
    .option(
      '--system <name>',
      'The system that the resources come from, as Provenance names it.',
      systemName,
      'import',
    )
    .option('--workers <count>', 'Files that are worked on at the same time.', workers, 4)
    .option('--keep-invalid', 'Store what is invalid, too, with its issues.')
    .option('--restart', 'Import files from the beginning, also those that were imported.')
    .option('--report <file>', 'Write what was refused to this file, a line of JSON each.')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus import synthea/', 'hospitals and practitioners first, then the patients'],
        ['isthmus import export/*.ndjson --system general --report refused.ndjson', ''],
      ]),
    )
    .action(async (paths: string[], options: ImportCommandOptions) => {
      const { runImport } = await import('./run-import.ts');
      await runImport(paths, options);
    });
}

function systemName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError('letters, digits, ., _ and - are expected.');
}

function workers(text: string): number {
  const count = positiveNumber(text);
  if (count <= MAX_WORKERS) return count;
  throw new InvalidArgumentError(`at most ${MAX_WORKERS} are expected.`);
}
