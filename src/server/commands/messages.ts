import { type Command, Option } from 'commander';
import { jsonHelp, moment, positiveNumber } from './arguments.ts';
import type { MessagesOptions, ShowOptions } from './command-options.ts';
import { examples } from './examples.ts';

const states = ['waiting', 'retrying', 'held', 'parked', 'blocked', 'removed', 'done'];

export function addMessages(program: Command): void {
  const messages = program
    .command('messages')
    .summary('Find messages and see what became of them.')
    .description('Lists messages, newest first: where each is, and in which state. Contents are not shown.')
    .option('--channel <name>', 'Of this channel.')
    .option('--type <type>', 'Of this type: ADT^A08, or ADT for all its events.')
    .option('--control-id <id>', "With this control id (MSH-10, or the sender's idempotency key).")
    .option('--key <key>', 'With this ordering key, e.g. "patient:2.16.840.1.113883.19.5|1042".')
    .addOption(new Option('--state <state>', 'With a place in this state.').choices(states))
    .option('--since <moment>', 'Received since then: 2026-03-10T14:00:00Z, or 15m, 2h, 3d ago.', moment)
    .option('--until <moment>', 'Received before then.', moment)
    .option('--before <id>', 'The next page: messages before this one.', positiveNumber)
    .option('--limit <count>', 'At most so many.', positiveNumber, 50)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus messages --state parked', 'what waits for a person'],
        ['isthmus messages --channel adt --type ADT^A08 --since 1h', 'the last hour'],
        ['isthmus messages --control-id MSG00042 --json', 'for a script'],
      ]),
    )
    .action(async (options: MessagesOptions) => {
      const { listMessages } = await import('./run-messages.ts');
      await listMessages(options);
    });
  messages
    .command('show')
    .summary('Show one message with its content and its way.')
    .description(
      'Shows a message by segment and field, where it is, why it is parked, and every delivery. This is an access to patient data: it is audited.',
    )
    .option('--raw', 'Print the content as it came, byte for byte, and nothing else.')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus messages show 1042', 'content, places, deliveries'],
        ['isthmus messages show 1042 --raw > 1042.hl7', 'the bytes'],
      ]),
    )
    .argument('<id>', 'Its number, as the list shows it.', positiveNumber)
    .action(async (id: number, options: ShowOptions, command: Command) => {
      const { showMessage } = await import('./run-message-show.ts');
      await showMessage(id, { ...options, json: command.optsWithGlobals().json === true });
    });
}
