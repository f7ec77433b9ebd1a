import { type Command, CommanderError } from 'commander';
import { Exit, exitCodes } from './exit-codes.ts';

/** Runs a command line and returns its exit code. Every error becomes one that says what to do, in text or as JSON. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv]);
    return exitCodes.done;
  } catch (thrown) {
    if (thrown instanceof Exit) return thrown.code;
    // Commander has said what was wrong; help and version end here, too, with 0.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const { tellError } = await import('./tell-error.ts');
    tellError(thrown, { json: argv.includes('--json') });
    return exitCodes.failed;
  }
}
