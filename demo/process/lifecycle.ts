import { fstatSync } from 'node:fs';

/** A mistake that the person at the keyboard can mend: shown as one sentence, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const stopLimitMs = 10_000;

/**
 * Runs a program until it returns or is told to stop: SIGTERM, SIGINT, or the end of its parent (the IPC channel or the
 * pipe on standard input closes, or nobody reads standard output any more). Exit code 0 after a clean stop, 1 after an
 * error, 2 after a mistake in the arguments.
 */
export async function runProcess(program: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => leave(1, 'did not stop within ten seconds; ended'), stopLimitMs).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.on('error', stop);
  watchParent(stop);
  try {
    await program(controller.signal);
    leave(0);
  } catch (thrown) {
    if (thrown instanceof UsageError) leave(2, `${thrown.message} (--help lists the arguments)`);
    leave(1, thrown instanceof Error ? thrown.message : 'failed for an unknown reason');
  }
}

/** A terminal or /dev/null on standard input says nothing of a parent; a pipe does. */
function watchParent(stop: () => void): void {
  process.once('disconnect', stop);
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
}

function leave(code: number, sentence?: string): never {
  if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
  process.exit(code);
}
