import { type Command, Option } from 'commander';
import type { Answer } from '../../clinical/identity/index.ts';
import { jsonHelp, positiveNumber, reason, reasonHelp } from './arguments.ts';
import { examples } from './examples.ts';
import type { DecideOptions, JsonOption, ReviewsOptions } from './identity-options.ts';
import { addIdentityUpkeep } from './identity-upkeep.ts';

export function addIdentity(program: Command): void {
  const identity = program
    .command('identity')
    .summary('Who is who: questions, decisions and their history.')
    .description(
      'Who is who. Patients of several systems are linked to one person where they are the same beyond doubt; where they may be, a person decides here. Every decision can be taken back.',
    );
  addReviews(identity);
  addAnswer(identity);
  addDecisions(identity);
  addHistory(identity);
  addIdentityUpkeep(identity);
}

function addReviews(identity: Command): void {
  identity
    .command('reviews')
    .summary('List what waits for a decision.')
    .description(
      'Lists questions about who is who: what holds messages first, then the most probable. Patients are shown by id.',
    )
    .addOption(
      new Option('--state <state>', 'In this state.')
        .choices(['open', 'proposed', 'decided', 'withdrawn'])
        .default('open'),
    )
    .addOption(
      new Option('--kind <kind>', 'Of this kind.').choices([
        'possible-duplicate',
        'overlay',
        'contradictory-merge',
        'suspicious-cluster',
      ]),
    )
    .option('--about <id>', 'That this patient or person is in.')
    .option('--limit <count>', 'At most so many.', positiveNumber, 50)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus identity reviews', 'what to decide first'],
        ['isthmus identity reviews --kind overlay', 'messages that wait for a decision'],
      ]),
    )
    .action(async (options: ReviewsOptions) => {
      const { listIdentityReviews } = await import('./run-identity.ts');
      await listIdentityReviews(options);
    });
  identity
    .command('review')
    .summary('Show a question: both records side by side.')
    .description(
      'Shows what each source says, field by field, with how it agrees and what it weighs. Patient data: the look is audited.',
    )
    .argument('<id>', 'Its number, as the list shows it.', positiveNumber)
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus identity review 12', '']]))
    .action(async (id: number, { json }: JsonOption) => {
      const { showIdentityReview } = await import('./run-identity.ts');
      await showIdentityReview(id, json === true);
    });
}

function addAnswer(identity: Command): void {
  identity
    .command('answer')
    .summary('Decide a question.')
    .description(
      'Decides a question. Of a possible duplicate: one person (linked), or not the same (kept apart for good). Of an update or merge that is held: it is about this patient and goes on, or it is not and is parked. Of a suspicious cluster: it is one person, or --part leaves it. Where two people have to decide, the first answer is a proposal.',
    )
    .argument('<id>', 'Its number, as the list shows it.', positiveNumber)
    .addArgument(identity.createArgument('<answer>', 'One person, or not.').choices(['same', 'different']))
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--part <id>', 'Of a suspicious cluster: the source patient who leaves.')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus identity answer 12 same --reason "asked the patient, moved in March"', ''],
        ['isthmus identity answer 13 different --reason "twins"', 'never linked again'],
      ]),
    )
    .action(async (id: number, answer: Answer, options: DecideOptions & { part?: string }) => {
      const { answerIdentityReview } = await import('./run-identity.ts');
      await answerIdentityReview(id, { ...options, answer });
    });
}

interface PairCommand {
  readonly name: 'link' | 'not-same';
  readonly summary: string;
  readonly description: string;
  readonly example: string;
}

const pairs: readonly PairCommand[] = [
  {
    name: 'link',
    summary: 'Decide that two patients are one person.',
    description: 'Links two source patients, and everybody behind them, to one person: that of the first.',
    example: 'isthmus identity link 0b1c… 77ad… --reason "same passport"',
  },
  {
    name: 'not-same',
    summary: 'Decide that two patients are not the same.',
    description:
      'Decides that two source patients are not the same. It holds against every algorithm until it is undone.',
    example: 'isthmus identity not-same 0b1c… 77ad… --reason "brothers"',
  },
];

function addDecisions(identity: Command): void {
  for (const { name, summary, description, example } of pairs)
    identity
      .command(name)
      .summary(summary)
      .description(description)
      .argument('<one>', 'Patient/{id} of the one, as its source has it.')
      .argument('<other>', 'Of the other.')
      .requiredOption('--reason <text>', reasonHelp, reason)
      .option('--json', jsonHelp)
      .addHelpText('after', examples([[example, '']]))
      .action(async (one: string, other: string, options: DecideOptions) => {
        const { decidePair } = await import('./run-identity.ts');
        await decidePair(name, [one, other], options);
      });
  identity
    .command('unlink')
    .summary('Decide that a patient is somebody else.')
    .description('A source patient leaves its person for one of its own, with everything that is about it.')
    .argument('<patient>', 'Patient/{id} as its source has it.')
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus identity unlink 77ad… --reason "wrong chart"', '']]))
    .action(async (patient: string, options: DecideOptions) => {
      const { unlinkPatient } = await import('./run-identity.ts');
      await unlinkPatient(patient, options);
    });
  identity
    .command('undo')
    .summary('Take a decision back.')
    .description(
      'Takes a decision back, exactly, also for what arrived in between. Later ones about the same patients come first.',
    )
    .argument('<event>', 'Its number, as the history shows it.', positiveNumber)
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus identity undo 41 --reason "linked by mistake"', '']]))
    .action(async (event: number, options: DecideOptions) => {
      const { undoDecision } = await import('./run-identity.ts');
      await undoDecision(event, options);
    });
}

function addHistory(identity: Command): void {
  identity
    .command('history')
    .summary('Show what was decided about a patient.')
    .description(
      'Shows the source patients behind a person, and every decision about them: who, why, by which model.',
    )
    .argument('<id>', 'Patient/{id} of a person or of a source patient.')
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus identity history 0b1c…', '']]))
    .action(async (id: string, { json }: JsonOption) => {
      const { showHistory } = await import('./run-identity.ts');
      await showHistory(id, json === true);
    });
}
