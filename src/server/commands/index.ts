/**
 * The command line. It promises: help is quick, because a command brings in what it needs only when it runs; every error says what to do; what
 * changes something asks for a reason and is audited; `--json` prints one document with names that stay. It never does: show what a
 * message holds, but for `messages show`, or disturb an engine that runs.
 */
export { exitCodes } from './exit-codes.ts';
export { createProgram } from './program.ts';
export { runProgram } from './run.ts';
