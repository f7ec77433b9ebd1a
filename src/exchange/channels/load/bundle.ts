import { isBuiltin } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, Plugin } from 'esbuild';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { bundleOnce } from './esbuild.ts';
import { authoringEntry } from './own-files.ts';

export interface Bundle {
  readonly code: Uint8Array;
  readonly map: string;
  /** Every local file that went in, absolute: what to watch for a reload. */
  readonly files: readonly string[];
}

/**
 * The configuration and its local imports in one module. `isthmus` is this package; other packages are found from the
 * configuration's own folder and stay outside. Throws CONFIG_INVALID, naming `file:line:column` of each error.
 */
export async function bundleConfig(path: string): Promise<Bundle> {
  const folder = dirname(path);
  try {
    const result = await bundleOnce({
      entryPoints: [path],
      absWorkingDir: folder,
      outfile: `${path}.mjs`,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: 'external',
      metafile: true,
      write: false,
      logLevel: 'silent',
      plugins: [packagesOf(folder)],
    });
    const map = result.outputFiles.find((file) => file.path.endsWith('.map'));
    const code = result.outputFiles.find((file) => !file.path.endsWith('.map'));
    const files = Object.keys(result.metafile.inputs).map((file) => `${folder}/${file}`);
    return { code: code?.contents ?? new Uint8Array(), map: map?.text ?? '{}', files };
  } catch (error) {
    throw new IsthmusError('CONFIG_INVALID', { ...describeFailure(error, path), cause: error });
  }
}

function packagesOf(folder: string): Plugin {
  return {
    name: 'packages',
    setup(setup) {
      setup.onResolve({ filter: /^isthmus$/ }, () => ({ path: authoringEntry() }));
      setup.onResolve({ filter: /^[^./]/ }, async ({ path, kind, pluginData }) => {
        if (kind === 'entry-point' || pluginData === inner || path === 'isthmus') return undefined;
        if (isBuiltin(path)) return { path, external: true };
        const found = await setup.resolve(path, { resolveDir: folder, kind, pluginData: inner });
        if (found.errors.length > 0) return { errors: found.errors };
        return { path: pathToFileURL(found.path).href, external: true };
      });
    },
  };
}

/** Marks our own question to esbuild, so that the plugin does not ask itself. */
const inner = Symbol('inner');

function describeFailure(error: unknown, path: string): { place: string; rule: string } {
  const errors = isBuildFailure(error) ? error.errors : [];
  const lines = errors.map(({ location, text }) => ({
    place: location ? `${location.file}:${location.line}:${location.column + 1}` : path,
    rule: missingExport(text, dirname(path)) ?? text,
  }));
  const [first] = lines;
  if (!first) return { place: path, rule: 'a readable configuration file' };
  const others = lines.slice(1).map(({ place, rule }) => `; ${place} ${rule}`);
  return { place: first.place, rule: `${first.rule}${others.join('')}` };
}

/** In the reader's words: what is not in this version is named, not the file of ours where it was looked for. */
function missingExport(text: string, folder: string): string | undefined {
  const [, file = '', name] = /^No matching export in "(.+)" for import "(.+)"$/.exec(text) ?? [];
  if (name === undefined || resolve(folder, file) !== authoringEntry()) return undefined;
  return `isthmus has no ${name} in this version; take it out, or use a version that has it`;
}

const isBuildFailure = (error: unknown): error is BuildFailure => error instanceof Error && 'errors' in error;
