import type { Command } from 'commander';
import { jsonHelp, positiveNumber, reason, reasonHelp } from './arguments.ts';
import type {
  ConfigOptions,
  GoldenCommandOptions,
  RecordCommandOptions,
  ReplayCommandOptions,
} from './command-options.ts';
import { examples } from './examples.ts';

const configHelp = 'The configuration.';
const defaultConfig = 'isthmus.config.ts';

/** What one does with a configuration before it goes live: check, test, record, replay. */
export function addConfiguration(program: Command): void {
  addCheck(program);
  addTest(program);
  addRecord(program);
  addReplay(program);
}

function addCheck(program: Command): void {
  program
    .command('check')
    .summary('Check a configuration.')
    .description(
      'Checks a configuration and lists every mistake with its place. Nothing is started or changed.',
    )
    .option('-c, --config <file>', configHelp, defaultConfig)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([['isthmus check --config site/isthmus.config.ts', 'exit code 1 when there are mistakes']]),
    )
    .action(async (options: ConfigOptions) => {
      const { runCheck } = await import('./run-check.ts');
      await runCheck(options);
    });
}

function addTest(program: Command): void {
  program
    .command('test')
    .summary('Test a configuration with golden messages.')
    .description(
      'Sends each message of tests/<channel>/ beside the configuration (*.hl7, *.json, *.txt) through its channel and compares what comes of it with <name>.expected.json. Nothing is queued, sent or written. Use synthetic messages only: their content is printed.',
    )
    .argument('[part]', 'Only files whose path contains this.')
    .option('-c, --config <file>', configHelp, defaultConfig)
    .option('--folder <folder>', 'Where the messages are, when not in tests/ beside the configuration.')
    .option('--update', 'Write what came out as what is expected.')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus test', 'all of them'],
        ['isthmus test adt/a08 --update', 'accept what changed'],
      ]),
    )
    .action(async (part: string | undefined, options: GoldenCommandOptions) => {
      const { runTest } = await import('./run-test.ts');
      await runTest(part, options);
    });
}

function addRecord(program: Command): void {
  program
    .command('record')
    .summary('Record traffic to a file, de-identified.')
    .description(
      'Writes messages that the engine accepted to a file, one line of JSON each, for isthmus replay: the last ones, and then those that arrive, until Ctrl-C or the limit. Names, numbers, dates and free text are replaced; with --identified they are kept, and the file is patient data.',
    )
    .argument('<file>', 'Lines are added to it; a new file can be read by its owner only.')
    .option('--channel <name...>', 'Only of these channels.')
    .option('--last <count>', 'Begin with so many that were accepted before.', positiveNumber)
    .option('--limit <count>', 'End after so many.', positiveNumber)
    .option('--no-follow', 'End with what is there now; needs --last.')
    .option('--identified', 'Keep what identifies people. Needs --reason.')
    .option('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus record traffic.ndjson --last 1000 --no-follow', 'the last thousand'],
        ['isthmus record traffic.ndjson --channel adt --limit 500', 'the next five hundred'],
      ]),
    )
    .action(async (file: string, options: RecordCommandOptions) => {
      const { runRecord } = await import('./run-record.ts');
      await runRecord(file, options);
    });
}

function addReplay(program: Command): void {
  program
    .command('replay')
    .summary('Send recorded traffic through a changed configuration and compare.')
    .description(
      'Sends recorded traffic through two configurations and shows what the second does otherwise. Nothing is queued, sent or written.',
    )
    .argument('<file>', 'A file that isthmus record wrote.')
    .option('--before <file>', 'The configuration as it is.', defaultConfig)
    .requiredOption('--after <file>', 'The configuration as it will be.')
    .option('--show <count>', 'Show so many differences at most.', positiveNumber, 20)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus replay traffic.ndjson --after changed.config.ts', 'exit code 1 when something differs'],
      ]),
    )
    .action(async (file: string, options: ReplayCommandOptions) => {
      const { runReplay } = await import('./run-replay.ts');
      await runReplay(file, options);
    });
}
