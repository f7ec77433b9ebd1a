import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { EngineConfig, EngineWord } from './engine-config.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bundle = `${root}node_modules/.cache/faults/engine-${process.pid}.mjs`;
let built: Promise<unknown> | undefined;

/** Once for each test process, from the sources as they are. */
async function buildOnce(): Promise<void> {
  await mkdir(`${root}node_modules/.cache/faults`, { recursive: true });
  built ??= build({
    absWorkingDir: root,
    entryPoints: [`${root}tests/faults/support/engine-process.ts`],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    loader: { '.sql': 'text', '.html': 'text' },
    logLevel: 'warning',
  });
  await built;
}

export interface EngineChild {
  readonly pid: number;
  /** Resolves with the ports of the channels when messages can arrive; rejects when the process ended before. */
  readonly ready: Promise<Extract<EngineWord, { word: 'ready' }>>;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly words: readonly EngineWord[];
  /** The next word of this kind that was not waited for yet, or one that was already said. */
  heard<W extends EngineWord['word']>(
    word: W,
    matches?: (said: Extract<EngineWord, { word: W }>) => boolean,
  ): Promise<Extract<EngineWord, { word: W }>>;
  signal(name: NodeJS.Signals): void;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop in order. */
  stop(): Promise<void>;
}

const living = new Set<ChildProcess>();

export async function startEngine(config: EngineConfig): Promise<EngineChild> {
  await buildOnce();
  const child = spawn(process.execPath, [bundle], {
    env: { ...process.env, FAULTS_ENGINE: JSON.stringify(config) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  living.add(child);
  const words: EngineWord[] = [];
  const listeners = new Set<() => void>();
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      living.delete(child);
      resolve({ code, signal });
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    words.push(JSON.parse(line) as EngineWord);
    for (const listener of [...listeners]) listener();
  });
  function heard<W extends EngineWord['word']>(
    word: W,
    matches: (said: Extract<EngineWord, { word: W }>) => boolean = () => true,
  ): Promise<Extract<EngineWord, { word: W }>> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = words.find(
          (said): said is Extract<EngineWord, { word: W }> =>
            said.word === word && matches(said as Extract<EngineWord, { word: W }>),
        );
        if (!found) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
      void exited.then(() => {
        const failed = words.find((said) => said.word === 'failed');
        reject(new Error(`the engine ended before it said ${word}: ${failed?.message ?? 'no reason given'}`));
      });
    });
  }
  const ready = heard('ready');
  ready.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    words,
    heard,
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** For afterEach: nothing this test started lives on. */
export async function killEngines(): Promise<void> {
  await Promise.all(
    [...living].map((child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      return gone;
    }),
  );
}
