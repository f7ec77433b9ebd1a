import { Command } from 'commander';
import { packageVersion } from '../package-root.ts';
import { addStart } from './start.ts';

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
  addStart(program);
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
