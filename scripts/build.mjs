// Bundles the TypeScript entry points into dist/. Dependencies stay outside the bundles; SQL and HTML are inlined as text.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** dist name → entry point. A worker or a demo process is an entry of its own because it is started as a file. */
export const entryPoints = {
  cli: 'src/server/cli.ts',
  index: 'src/index.ts',
  'step-worker': 'src/exchange/channels/worker/step-worker.ts',
  'demo-hospital': 'demo/hospital/main.ts',
  'demo-televisit': 'demo/televisit/main.ts',
};

export async function buildDist() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    sourcemap: true,
    chunkNames: 'chunks/[name]-[hash]',
    loader: { '.sql': 'text', '.html': 'text' },
    logLevel: 'warning',
    write: false,
  });
  for (const { path, contents } of outputFiles) await writeChanged(path, contents);
  await removeStale(new Set(outputFiles.map(({ path }) => path)));
}

// A build beside a running engine must not pull files from under it: what is unchanged stays, the rest is put in place whole.
async function writeChanged(path, contents) {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  await writeFile(aside, contents);
  await rename(aside, path);
}

async function removeStale(current) {
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !current.has(path) && !path.endsWith('.tmp')) await rm(path, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildDist();
