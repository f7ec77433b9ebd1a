import { type Command, Option } from 'commander';
import { jsonHelp, positiveNumber, reason, reasonHelp, wholeNumber } from './arguments.ts';
import type { ShowQueueOptions } from './command-options.ts';
import { examples } from './examples.ts';

const waitHelp =
  'Wait so long for an engine to do it; later it is still done, and this ends with exit code 3.';
const states = ['waiting', 'retrying', 'held', 'parked', 'blocked', 'done'];
const queueHelp =
  'Its name: adt for the intake of channel adt, "adt>televisit" for its destination televisit.';

export function addQueue(program: Command): void {
  const queue = program
    .command('queue')
    .summary('See the queues, and help what is stuck.')
    .description('Lists the queues: how much waits, since when, what is parked or on hold.')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus queue', 'all of them'],
        ['isthmus queue show "adt>televisit" --state parked', 'what is set aside, and why'],
        ['isthmus queue release "adt>televisit" 1042 --reason "address mended"', 'try it again'],
      ]),
    )
    .action(async ({ json }: { json?: boolean }) => {
      const { listQueues } = await import('./run-queue.ts');
      await listQueues({ json: json === true });
    });
  addShow(queue);
  addDrain(queue);
  addStuck(queue, 'release', 'Try parked or held entries again, in their order.');
  addStuck(
    queue,
    'skip',
    'Give parked or held entries up: they are not delivered, and what waits behind them goes on.',
  );
  addReplay(queue);
  addWhole(queue, 'hold', 'Stop a queue: nothing leaves it until it is resumed. What arrives, waits.');
  addWhole(queue, 'resume', 'Let a queue that is on hold go on.');
}

interface OperateOptions {
  readonly reason: string;
  readonly wait: number;
}

const asked = ({ wait }: OperateOptions, command: Command) => ({
  waitMs: wait * 1_000,
  json: isJson(command),
});
const isJson = (command: Command) => command.optsWithGlobals().json === true;

function addShow(queue: Command): void {
  queue
    .command('show')
    .summary('The entries of one queue.')
    .description('Lists the entries of a queue that are not done, in order. Contents are not shown.')
    .argument('<queue>', queueHelp)
    .addOption(new Option('--state <state>', 'In this state; with done, those that are.').choices(states))
    .option('--after <place>', 'The next page: entries after this place.', wholeNumber)
    .option('--limit <count>', 'At most so many.', positiveNumber, 50)
    .option('--json', jsonHelp)
    .addHelpText('after', examples([['isthmus queue show adt', 'the intake of channel adt']]))
    .action(async (name: string, options: ShowQueueOptions, command: Command) => {
      const { showQueue } = await import('./run-queue.ts');
      await showQueue(name, { ...options, json: isJson(command) });
    });
}

function addDrain(queue: Command): void {
  queue
    .command('drain')
    .summary('Wait until a queue is empty.')
    .description(
      'Waits until nothing waits in a queue any more, showing progress; parked entries are not waited for. Use it before maintenance, after pausing the channel.',
    )
    .argument('<queue>', queueHelp)
    .option('--timeout <seconds>', 'Give up after so long, with exit code 3.', positiveNumber, 300)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([
        ['isthmus channels pause adt --reason "upgrade" && isthmus queue drain adt', 'before maintenance'],
      ]),
    )
    .action(async (name: string, { timeout }: { timeout: number }, command: Command) => {
      const { drainQueue } = await import('./run-queue.ts');
      await drainQueue(name, { timeoutMs: timeout * 1_000, json: isJson(command) });
    });
}

function addStuck(queue: Command, action: 'release' | 'skip', description: string): void {
  queue
    .command(action)
    .summary(description)
    .description(`${description} Without a place, all that are parked or held in the queue.`)
    .argument('<queue>', queueHelp)
    .argument('[place]', 'The place of one entry, as queue show lists it.', positiveNumber)
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--wait <seconds>', waitHelp, wholeNumber, 10)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([[`isthmus queue ${action} "adt>televisit" --reason "told by the vendor"`, 'all']]),
    )
    .action(async (name: string, place: number | undefined, options: OperateOptions, command: Command) => {
      const { operate } = await import('./run-operate.ts');
      const entry = place === undefined ? {} : { sequence: place };
      await operate({ action, queue: name, reason: options.reason, ...entry }, asked(options, command));
    });
}

function addReplay(queue: Command): void {
  queue
    .command('replay')
    .summary('Deliver a message again.')
    .description(
      'Puts a message at the end of a queue once more, as a new entry with a key of its own: the receiver can not tell it is the same. In an intake queue, the present steps run again.',
    )
    .argument('<queue>', queueHelp)
    .argument('<message>', 'The number of the message.', positiveNumber)
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--wait <seconds>', waitHelp, wholeNumber, 10)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([['isthmus queue replay "visits>general" 1042 --reason "lost at the hospital"', '']]),
    )
    .action(async (name: string, messageId: number, options: OperateOptions, command: Command) => {
      const { operate } = await import('./run-operate.ts');
      await operate(
        { action: 'replay', queue: name, messageId, reason: options.reason },
        asked(options, command),
      );
    });
}

function addWhole(queue: Command, action: 'hold' | 'resume', description: string): void {
  queue
    .command(action)
    .summary(description)
    .description(description)
    .argument('<queue>', queueHelp)
    .requiredOption('--reason <text>', reasonHelp, reason)
    .option('--wait <seconds>', waitHelp, wholeNumber, 10)
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      examples([[`isthmus queue ${action} "adt>televisit" --reason "maintenance there"`, '']]),
    )
    .action(async (name: string, options: OperateOptions, command: Command) => {
      const { operate } = await import('./run-operate.ts');
      await operate({ action, queue: name, reason: options.reason }, asked(options, command));
    });
}
