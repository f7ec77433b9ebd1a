import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDurably } from '../../../foundation/files/index.ts';
import { bundleOnce } from './esbuild.ts';

/** Where the product's own files are: in dist/ when it is built, in src/ while it is developed. */

const here = fileURLToPath(new URL('.', import.meta.url));

/** The nearest of the folders this file may be bundled into that has a file of that name. */
function besideOf(name: string): string | undefined {
  return [join(here, name), join(here, '..', name)].find((file) => existsSync(file));
}

const isSource = import.meta.url.endsWith('.ts');

/** What `import … from 'isthmus'` means in a configuration. */
export function authoringEntry(): string {
  const file = isSource ? join(here, '../../../index.ts') : besideOf('index.js');
  if (file === undefined) throw new Error('the package is incomplete: dist/index.js is missing');
  return file;
}

let workerFile: Promise<string> | undefined;

/** The file a step worker is started with. From source it is bundled into `folder` first, once for the process. */
export function stepWorkerFile(folder: string): Promise<string> {
  workerFile ??= findWorker(folder);
  return workerFile;
}

async function findWorker(folder: string): Promise<string> {
  const built = isSource ? undefined : besideOf('step-worker.js');
  if (built !== undefined) return built;
  if (!isSource) throw new Error('the package is incomplete: dist/step-worker.js is missing');
  const result = await bundleOnce({
    entryPoints: [join(here, '../worker/step-worker.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    write: false,
  });
  const file = join(folder, `step-worker-${process.pid}.mjs`);
  await writeDurably(file, result.outputFiles[0]?.contents ?? new Uint8Array());
  return file;
}
