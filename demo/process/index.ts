/**
 * What both simulated systems need to be well-behaved processes: arguments, a clean stop, a journal that survives a kill,
 * lines for the parent. What it promises: a process that leaves when its parent does, and a record on disk when it says so.
 * What it never does: know anything of hospitals or visits.
 */
export { type CommandLine, hostAndPort, positiveNumber, readArguments, wholeNumber } from './arguments.ts';
export { backoffMs } from './backoff.ts';
export { Bell } from './bell.ts';
export { type Journal, openJournal } from './journal.ts';
export { runProcess, UsageError } from './lifecycle.ts';
export { listenOnFreePort } from './listen.ts';
export { type Report, reportToStdout } from './report.ts';
