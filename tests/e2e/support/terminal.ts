import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { eventually } from '../../support/index.ts';

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program as in a terminal of its own: a process group that Ctrl-C reaches, and everything it printed. */
export class Terminal {
  readonly #child: ChildProcess;
  #output = '';
  readonly #exit: Promise<number | null>;

  constructor(command: readonly [string, ...string[]], { cwd, env }: TerminalOptions) {
    const [program, ...parameters] = command;
    this.#child = spawn(program, parameters, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#exit = new Promise((resolve, reject) => {
      this.#child.once('error', reject).once('close', (code) => resolve(code));
    });
  }

  get output(): string {
    return this.#output;
  }

  get isOpen(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits until this was printed; fails with all that was printed instead. */
  async until(text: string | RegExp, deadlineMs = 60_000): Promise<string> {
    const found = () => (typeof text === 'string' ? this.#output.includes(text) : text.test(this.#output));
    try {
      await eventually(() => found() || !this.isOpen, { deadlineMs, what: `"${text}" in the output` });
    } catch (error) {
      throw new Error(`${(error as Error).message}; printed was:\n${this.#output}`);
    }
    if (!found()) throw new Error(`it ended before it printed "${text}"; printed was:\n${this.#output}`);
    return this.#output;
  }

  /** Waits for its end by itself and resolves with the exit code. */
  async end(deadlineMs: number): Promise<number | null> {
    await eventually(() => !this.isOpen, { deadlineMs }).catch(() => {
      throw new Error(`it did not end within ${deadlineMs} ms; printed was:\n${this.#output}`);
    });
    return this.#exit;
  }

  /** SIGINT to the whole group, as the terminal driver sends it. Resolves with the exit code. */
  async ctrlC(deadlineMs = 30_000): Promise<number | null> {
    this.#signal('SIGINT');
    await eventually(() => !this.isOpen, { deadlineMs, what: 'the end after Ctrl-C' });
    return this.#exit;
  }

  /** Whatever is left of it goes. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    await this.ctrlC().catch(() => this.#signal('SIGKILL'));
    await this.#exit;
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Processes whose command line or environment names this text (a folder made for one test), as `pid command`. Needs /proc. */
export function processesNaming(text: string): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`);
      const names = command.includes(text) || read(`/proc/${pid}/environ`).includes(text);
      return names && command !== '' ? [`${pid} ${command.replaceAll('\0', ' ')}`] : [];
    });
}

/** A process that ended meanwhile names nothing. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
