import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { writeDurably } from '../../../foundation/files/index.ts';
import { bundleConfig } from './bundle.ts';

export interface LoadedConfig {
  /** Whatever the module's default export is: `checkConfig` judges it. */
  readonly config: unknown;
  /** The bundle that was imported; step workers load the same file. */
  readonly module: string;
  /** Of the bundle's content. */
  readonly hash: string;
  /** Absolute path of the configuration as it was written. */
  readonly path: string;
  /** Local files that went into it. */
  readonly files: readonly string[];
}

export interface LoadOptions {
  /** The data directory: the bundle goes to `<home>/config/<hash>.mjs`. */
  readonly home: string;
}

const keptBundles = 20;

/**
 * Bundles and imports a configuration. The same content gives the same file and the same module. Throws CONFIG_INVALID with
 * `file:line` when it does not compile, or when the module itself throws.
 */
export async function loadConfig(path: string, options: LoadOptions): Promise<LoadedConfig> {
  const absolute = resolve(path);
  if (!existsSync(absolute))
    throw new IsthmusError('CONFIG_INVALID', { place: path, rule: 'the file exists' });
  const bundle = await bundleConfig(absolute);
  const hash = createHash('sha256').update(bundle.code).digest('hex').slice(0, 32);
  const folder = resolve(options.home, 'config');
  const module = join(folder, `${hash}.mjs`);
  if (!existsSync(module)) {
    await writeDurably(module, bundle.code);
    await removeOldest(folder);
  }
  const config = await importDefault(module, { map: bundle.map, place: basename(absolute) });
  return { config, module, hash, path: absolute, files: bundle.files };
}

async function importDefault(module: string, source: { map: string; place: string }): Promise<unknown> {
  let exported: { default?: unknown };
  try {
    exported = await import(pathToFileURL(module).href);
  } catch (cause) {
    const place = originOf(cause, module, source.map) ?? source.place;
    throw new IsthmusError('CONFIG_INVALID', {
      place,
      rule: `the configuration threw: ${messageOf(cause)}`,
      cause,
    });
  }
  if (exported.default === undefined) {
    throw new IsthmusError('CONFIG_INVALID', {
      place: source.place,
      rule: 'export default defineConfig({ … })',
    });
  }
  return exported.default;
}

/** A configuration is loaded without any message at hand, so its own errors carry no patient data. */
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** `isthmus.config.ts:12:5`: where in the original the error came from. */
function originOf(error: unknown, module: string, map: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frame = stack.split('\n').find((line) => line.includes(basename(module)));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame?.trim() ?? '') ?? [];
  if (line === undefined || column === undefined) return undefined;
  const payload = JSON.parse(map) as SourceMapPayload;
  const entry = new SourceMap(payload).findEntry(Number(line) - 1, Number(column) - 1);
  if (!('originalSource' in entry)) return undefined;
  return `${basename(entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/** Keeps the newest bundles; a running worker may still want an older one for a while, not for ever. */
async function removeOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{32}\.mjs$/.test(name));
  if (names.length <= keptBundles) return;
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  dated.sort((a, b) => b.at - a.at);
  for (const { name } of dated.slice(keptBundles)) await rm(join(folder, name), { force: true });
}

/** The folder that secret files and golden tests of a configuration are relative to. */
export const folderOf = (loaded: LoadedConfig) => dirname(loaded.path);
