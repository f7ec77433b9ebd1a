import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Clock, pause, type Timer } from '../../foundation/clock/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';

/** A line that a simulated system writes on its standard output (demo/README.md). */
export interface ReportLine {
  readonly event: string;
  readonly [field: string]: string | number | boolean;
}

export interface CompanionOptions {
  readonly name: string;
  readonly file: string;
  /** Given the port it listened on before, so that it is found at the same address when it is started again. */
  readonly argv: (port: number) => readonly string[];
  readonly port: number;
  readonly portOf: (ready: ReportLine) => number;
  readonly clock: Clock;
  readonly onLine: (line: ReportLine) => void;
  readonly onEnd: (sentence: string) => void;
}

const readyLimitMs = 20_000;
const restartMs = 3_000;
const stopLimitMs = 12_000;
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'ISTHMUS_DEMO_SEED', 'SystemRoot', 'TEMP'];

/**
 * A simulated system as a process of its own. It ends with this process, because its standard input does; it is started again when it
 * ends by itself.
 */
export class Companion {
  readonly #options: CompanionOptions;
  #child: ChildProcess | undefined;
  #port: number;
  #stopping = false;
  #restart: Timer | undefined;

  constructor(options: CompanionOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** Resolves with its ready line. Throws when it ends first, or says nothing for too long. */
  async start(): Promise<ReportLine> {
    const limit = new AbortController();
    const late = pause(this.#options.clock, readyLimitMs, limit.signal);
    const ready = await Promise.race([this.#launch(), late]);
    limit.abort();
    if (ready === undefined) throw this.#failed('it did not become ready in time');
    this.#port = this.#options.portOf(ready);
    return ready;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#restart?.cancel();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const limit = this.#options.clock.after(stopLimitMs, () => child.kill('SIGKILL'));
    await ended;
    limit.cancel();
  }

  #launch(): Promise<ReportLine> {
    const { file, argv, onLine } = this.#options;
    const child = spawn(process.execPath, [file, ...argv(this.#port)], {
      // A process group of its own: Ctrl-C on the terminal reaches this process only, which then stops all in order.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: Object.fromEntries(passedOn.map((name) => [name, process.env[name]])),
    });
    this.#child = child;
    let lastWords = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastWords = line.slice(0, 300);
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(this.#failed(lastWords || `it ended with ${signal ?? `code ${code}`}`));
        this.#ended(lastWords || `${signal ?? `code ${code}`}`);
      });
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = parseLine(text);
        if (!line) return;
        if (line.event === 'ready') resolve(line);
        onLine(line);
      });
    });
  }

  #ended(why: string): void {
    const { clock, onEnd } = this.#options;
    if (this.#stopping) return;
    onEnd(`ended (${why}), starting again`);
    this.#restart = clock.after(restartMs, () => {
      // When it does not come up it ends, and `exit` brings us here again.
      this.#launch().catch(() => undefined);
    });
  }

  #failed(rule: string): IsthmusError {
    return new IsthmusError('INTERNAL', { place: `the simulated ${this.#options.name}`, rule });
  }
}

function parseLine(text: string): ReportLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isLine = typeof value === 'object' && value !== null && 'event' in value;
    return isLine && typeof value.event === 'string' ? (value as ReportLine) : undefined;
  } catch {
    // Not a report: a warning of Node's own, for example.
    return undefined;
  }
}
