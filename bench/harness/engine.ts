import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The product as a user runs it: `isthmus start --config …`, its own process, its own embedded PostgreSQL. */
export interface RunningEngine {
  readonly mllpPort: number;
  readonly httpPort: number;
  readonly home: string;
  /** From the start of the process to its ready answer. */
  readonly startMs: number;
  /** Resident memory of the engine's process, in bytes. */
  rss(): Promise<number>;
  /** Stops it; its home stays for a next start, or is removed. */
  stop(keepHome?: boolean): Promise<void>;
}

export interface EngineOptions {
  readonly config: string;
  readonly environment?: Record<string, string>;
  readonly home?: string;
}

const readyLimitMs = 60_000;
const stopLimitMs = 20_000;

export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const home = options.home ?? (await newHome());
  const [mllpPort, httpPort] = [await freePort(), await freePort()];
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/cli.js', 'start', '--config', options.config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ISTHMUS_HOME: home,
      ISTHMUS_LOG: 'warn',
      PORT: String(httpPort),
      MLLP_PORT: String(mllpPort),
      ...options.environment,
    },
  });
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    errors.push(chunk.toString());
    if (errors.length > 200) errors.shift();
  });
  child.stdout?.resume();
  await untilReady(child, httpPort, errors);
  const startMs = performance.now() - started;
  return {
    mllpPort,
    httpPort,
    home,
    startMs,
    rss: () => residentBytes(child.pid ?? 0),
    async stop(keepHome = false) {
      await stopChild(child);
      if (!keepHome) await rm(home, { recursive: true, force: true });
    },
  };
}

export async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'isthmus-bench-'));
  // As root PostgreSQL runs as another user, who must be able to pass.
  await chmod(home, 0o755);
  return home;
}

async function untilReady(child: ChildProcess, port: number, errors: readonly string[]): Promise<void> {
  const deadline = performance.now() + readyLimitMs;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`the engine ended with ${child.exitCode}:\n${errors.join('')}`);
    if (performance.now() > deadline)
      throw new Error(`the engine was not ready in time:\n${errors.join('')}`);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  await ended;
  clearTimeout(limit);
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
