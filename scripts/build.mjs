// Bundles the TypeScript entry points into dist/. Dependencies stay outside the bundles; SQL and HTML are inlined as text.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** dist name → entry point. A worker or a demo process is an entry of its own because it is started as a file. */
export const entryPoints = {
  cli: 'src/server/cli.ts',
  index: 'src/index.ts',
  'step-worker': 'src/exchange/channels/worker/step-worker.ts',
  'demo-hospital': 'demo/hospital/main.ts',
  'demo-televisit': 'demo/televisit/main.ts',
};

export async function buildDist() {
  await rm(`${root}dist`, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
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
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildDist();
