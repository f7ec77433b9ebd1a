import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Line = { readonly event: string } & Readonly<Record<string, unknown>>;

/** Bundles one of the demo's programs as the build does, so that a test runs the sources as they are. */
export async function bundleProgram(entry: string): Promise<string> {
  const outfile = join(
    root,
    'node_modules/.cache/isthmus-demo',
    `${process.pid}-${entry.replaceAll('/', '-')}.mjs`,
  );
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    loader: { '.sql': 'text', '.html': 'text' },
    logLevel: 'warning',
  });
  return outfile;
}

/** A program under test: its lines on standard output, and how it ended. */
export class Program {
  readonly lines: Line[] = [];
  readonly child: ChildProcess;
  stderr = '';
  #wake: (() => void)[] = [];
  readonly #closed: Promise<{ code: number | null; signal: string | null }>;
  #isClosed = false;

  constructor(file: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'], cwd: root });
    const lines = createInterface({ input: this.child.stdout! });
    lines.on('line', (text) => {
      this.lines.push(JSON.parse(text) as Line);
      this.#ring();
    });
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#closed = once(this.child, 'close').then(([code, signal]) => {
      this.#isClosed = true;
      this.#ring();
      return { code, signal };
    });
  }

  /** Resolves with the first line that fits, past or coming. */
  async line(fits: (line: Line) => boolean, deadlineMs = 10_000): Promise<Line> {
    await this.until(() => this.lines.some(fits), deadlineMs);
    return this.lines.find(fits)!;
  }

  async until(check: () => boolean, deadlineMs = 10_000): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#ring();
    }, deadlineMs);
    while (!check()) {
      if (late || this.#isClosed)
        throw new Error(`not seen; ${late ? 'deadline' : 'ended'}: ${this.stderr}\n${this.#tail()}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    clearTimeout(timer);
  }

  count(event: string): number {
    return this.lines.filter((line) => line.event === event).length;
  }

  /** Ends it and resolves with its exit code. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; signal: string | null }> {
    this.child.kill(signal);
    return this.#closed;
  }

  closed(): Promise<{ code: number | null; signal: string | null }> {
    return this.#closed;
  }

  #tail(): string {
    return this.lines
      .slice(-10)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }

  #ring(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-demo-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
