// npm run mapping-coverage: writes docs/reference/v2-to-fhir.md, our tables against the v2-to-FHIR guide, row by row.
// ISTHMUS_CORPORA names the folder with the guide's tables (v2-to-fhir-ig) and the collections of messages (hl7v2-*).
import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}node_modules/.cache/isthmus-mapping-coverage.mjs`;

await build({
  absWorkingDir: root,
  entryPoints: ['tests/conformance/mapping/guide/page.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  loader: { '.sql': 'text', '.html': 'text' },
  logLevel: 'warning',
});
const { coveragePage } = await import(pathToFileURL(outfile).href);
await writeFile(`${root}docs/reference/v2-to-fhir.md`, coveragePage().text);
