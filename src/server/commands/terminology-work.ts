import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonHelp, moment, positiveNumber, reason, reasonHelp } from './arguments.ts';
import { examples } from './examples.ts';
import type {
  ApplyTranslationOptions,
  IgnoreOptions,
  MapOptions,
  UnmappedOptions,
} from './terminology-work-options.ts';

/** The work list of codes that no map translates: `isthmus terminology unmapped · map · ignore · apply`. */
export function addTerminologyWork(terminology: Command): void {
  addUnmapped(terminology);
  addMap(terminology);
  addIgnore(terminology);
  addApply(terminology);
}

function addUnmapped(terminology: Command): void {
  terminology
    .command('unmapped')
    .summary('List the codes that no map translates.')
    .description(
      'Lists codes that came and that no map translates, the most frequent first. They were passed on as they came. Names of codes are shown as their sender spells them.',
    )
    .option('--translation <name>', "Of this translation, as a channel's translate('…') names it.")
    .option('--system <canonical>', 'Of this code system.')
    .option('--element <path>', 'In this element: Observation.code.')
    .option('--source <system>', 'Sent by this system of the configuration.')
    .addOption(
      new Option('--state <state>', 'In this state.')
        .choices(['open', 'mapped', 'ignored', 'all'])
        .default('open'),
    )
    .option('--since <moment>', 'Seen since then: 2026-03-10T14:00:00Z, or 15m, 2h, 3d ago.', moment)
    .option('--candidates', 'With what loaded maps say without deciding it, for review.')
    .option('--limit <count>', 'At most so many.', positiveNumber, 50)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus terminology unmapped', 'what to work on first'],
        [
          'isthmus terminology unmapped --source general --element Observation.code --candidates',
          'with proposals',
        ],
      ]),
    )
    .action(async (options: UnmappedOptions) => {
      const { listUnmapped } = await import('./run-terminology-work.ts');
      await listUnmapped(options);
    });
}

const equivalences = ['equal', 'equivalent', 'wider', 'subsumes', 'inexact', 'relatedto'];

function addMap(terminology: Command): void {
  terminology
    .command('map')
    .summary('Decide what an unmapped code is.')
    .description(
      "Decides what a code of the list is in another system: an entry of the translation's ConceptMap, in its next version. Messages are translated by it from then on; what came in before, by isthmus terminology apply.",
    )
    .argument('<id>', 'Its number, as the list shows it.', positiveNumber)
    .requiredOption('--to <system|code>', 'What it is: http://loinc.org|2345-7.', systemAndCode)
    .option('--display <text>', 'The name of the target, where its system is not loaded.')
    .addOption(
      new Option('--equivalence <equivalence>', 'How near it comes; a target that says more is none.')
        .choices(equivalences)
        .default('equivalent'),
    )
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        [
          'isthmus terminology map 12 --to "http://loinc.org|2345-7" --reason "serum glucose, agreed with the laboratory"',
          '',
        ],
      ]),
    )
    .action(async (id: number, options: MapOptions) => {
      const { mapUnmapped } = await import('./run-terminology-work.ts');
      await mapUnmapped(id, options);
    });
}

function addIgnore(terminology: Command): void {
  terminology
    .command('ignore')
    .summary('Decide that a code is to stay as it is.')
    .description(
      'Decides that a code of the list has no translation. What was decided of it before is taken back.',
    )
    .argument('<id>', 'Its number, as the list shows it.', positiveNumber)
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus terminology ignore 12 --reason "an administrative code"', '']]))
    .action(async (id: number, options: IgnoreOptions) => {
      const { ignoreUnmapped } = await import('./run-terminology-work.ts');
      await ignoreUnmapped(id, options);
    });
}

function addApply(terminology: Command): void {
  terminology
    .command('apply')
    .summary('Translate what already came in.')
    .description(
      'Translates what came in untranslated, by the maps as they are now: each resource that changes gets its next version. In batches, beside a running engine; broken off, the same command goes on.',
    )
    .argument('<translation>', "Its name, as a channel's translate('…') has it.")
    .option('--system <canonical>', 'Only codes of this system.')
    .option('--code <code>', 'Only this code.')
    .option('--preview', 'Say what would change, and change nothing.')
    .option('--reason <text>', `${reasonHelp} Needed unless --preview.`, reason)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus terminology apply general-to-standard --preview', 'how many, and which'],
        ['isthmus terminology apply general-to-standard --reason "laboratory codes of March"', 'do it'],
      ]),
    )
    .action(async (translation: string, options: ApplyTranslationOptions) => {
      const { applyTranslation } = await import('./run-terminology-work.ts');
      await applyTranslation(translation, options);
    });
}

function systemAndCode(text: string): { system: string; code: string } {
  const [, system, code] = /^([a-z][a-z0-9+.-]*:[^\s|]{1,500})\|(\S.{0,199})$/i.exec(text) ?? [];
  if (system !== undefined && code !== undefined) return { system, code };
  throw new InvalidArgumentError(
    'the canonical of a code system and a code are expected, as http://loinc.org|2345-7.',
  );
}
