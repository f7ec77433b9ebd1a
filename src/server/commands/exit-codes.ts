/** What the shell hears. Documented in docs/reference/cli.md. */
export const exitCodes = {
  /** Done. */
  done: 0,
  /** It did not work, or a check found mistakes: what is on standard error says what to do. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** Asked for and not done yet: no engine took it up within the wait. */
  waiting: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends a command with a code after it has said everything itself. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly code: ExitCode;

  constructor(code: ExitCode) {
    super(`exit code ${code}`);
    this.code = code;
  }
}
