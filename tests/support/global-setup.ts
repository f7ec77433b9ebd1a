import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string;
  }
}

const PREFIX = 'isthmus-tests-';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** One PostgreSQL for the whole run, on data of its own that end with it; the programs under dist/ built once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildPrograms();
  await endAbandoned();
  const home = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // As root the server runs as another user, who must be able to pass.
  await chmod(home, 0o755);
  const server = await startEmbedded({ home, logger: silentLogger });
  project.provide('databaseUrl', server.url);
  return async () => {
    await server.stop();
    await rm(server.directory, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  };
}

/** A run that was killed leaves its server behind. */
async function endAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : 0;
    if (!pid || isAlive(pid)) continue;
    const home = join(tmpdir(), name);
    const server = await startEmbedded({ home, logger: silentLogger });
    await server.stop();
    await rm(server.directory, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface BuildScript {
  readonly entryPoints: Record<string, string>;
  buildDist(): Promise<void>;
}

/** Tests of whole processes start what is in dist/, so it must be of the sources under test. */
async function buildPrograms(): Promise<void> {
  const script = (await import(new URL('../../scripts/build.mjs', import.meta.url).href)) as BuildScript;
  const entries = Object.values(script.entryPoints);
  if (!entries.every((entry) => existsSync(join(root, entry)))) return;
  const sources = await Promise.all(['src', 'demo', 'scripts'].map((folder) => newest(join(root, folder))));
  const built = await stat(join(root, 'dist/cli.js')).catch(() => undefined);
  if (built && built.mtimeMs > Math.max(...sources)) return;
  await script.buildDist();
}

async function newest(folder: string): Promise<number> {
  let latest = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) latest = Math.max(latest, (await stat(join(entry.parentPath, entry.name))).mtimeMs);
  }
  return latest;
}
