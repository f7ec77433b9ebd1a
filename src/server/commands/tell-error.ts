import { ConfigError } from '../../foundation/config/index.ts';
import { errorRegistry, toIsthmusError } from '../../foundation/errors/index.ts';
import { describeError } from '../../foundation/logging/index.ts';

/** On standard error: what happened, where, and what to do; with `--json` as one document. */
export function tellError(thrown: unknown, { json }: { json: boolean }): void {
  const error = toIsthmusError(thrown);
  const problems = error instanceof ConfigError ? error.problems : [];
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: { ...error.toPublic(), problems } }, undefined, 2)}\n`);
    return;
  }
  const { text, advice } = errorRegistry[error.code];
  const lines =
    problems.length > 0
      ? [`${text}:`, ...problems.map(({ place, text: rule }) => `  ${place}: ${rule}`)]
      : [error.message, ...detailOf(error.code, thrown)];
  process.stderr.write(`${[...lines, advice, `(${error.code})`].join('\n')}\n`);
}

/** An error that is ours to mend needs its stack in a report. */
function detailOf(code: string, thrown: unknown): string[] {
  return code === 'INTERNAL' ? [JSON.stringify(describeError(thrown))] : [];
}
