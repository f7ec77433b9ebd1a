// npm run definitions: makes the compact definitions of FHIR R4 that the source carries, from HL7's published ones.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}node_modules/.cache/isthmus-definitions.mjs`;

await build({
  absWorkingDir: root,
  entryPoints: ['scripts/definitions/main.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'warning',
});
const run = spawnSync(process.execPath, [outfile, root.replace(/\/$/, '')], { stdio: 'inherit' });
process.exit(run.status ?? 1);
