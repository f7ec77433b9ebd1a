// npm run docs: writes the pages of docs/reference that are made from the code.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}node_modules/.cache/isthmus-reference.mjs`;

await build({
  absWorkingDir: root,
  entryPoints: ['scripts/reference.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  loader: { '.sql': 'text', '.html': 'text' },
  logLevel: 'warning',
});
const { referencePages } = await import(pathToFileURL(outfile).href);
for (const [name, text] of Object.entries(referencePages()))
  await writeFile(`${root}docs/reference/${name}`, text);
