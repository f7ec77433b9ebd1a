import { Command } from 'commander';
import { packageVersion } from '../package-root.ts';
import { addAdmin } from './admin.ts';
import { addChannels } from './channels.ts';
import { addConfiguration } from './configuration.ts';
import { addIdentity } from './identity.ts';
import { addImport } from './import.ts';
import { addMessages } from './messages.ts';
import { addMigrate } from './migrate.ts';
import { addPackage } from './package.ts';
import { addQueue } from './queue.ts';
import { addRetention } from './retention.ts';
import { addStart } from './start.ts';
import { addTerminology } from './terminology.ts';
import { addVersion } from './version.ts';

/** In the order in which help lists them: run it, look at it, change it. */
const commands = [
  addStart,
  addConfiguration,
  addMessages,
  addQueue,
  addChannels,
  addImport,
  addPackage,
  addTerminology,
  addIdentity,
  addMigrate,
  addAdmin,
  addRetention,
  addVersion,
];

/** The whole command line. Each command brings in what it needs when it runs, so that help is quick. */
export function createProgram(): Command {
  const program = new Command('isthmus')
    .description(
      'Joins telemedicine to the electronic health record: messages in, durably and in order, out to every subscriber.',
    )
    .version(packageVersion(), '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print help; isthmus help COMMAND has examples.')
    .showHelpAfterError('(isthmus --help lists the commands)')
    .exitOverride();
  for (const add of commands) add(program);
  for (const command of program.commands) inheritAll(command);
  return program;
}

/** Errors of the commands below, too, come back as exceptions instead of ending the process. */
function inheritAll(command: Command): void {
  command.exitOverride().showHelpAfterError(`(${fullName(command)} --help has examples)`);
  for (const child of command.commands) inheritAll(child);
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
