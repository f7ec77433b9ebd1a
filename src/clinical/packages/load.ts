import { createReadStream } from 'node:fs';
import type { Database, Transaction } from '../../foundation/database/index.ts';
import { type ArchiveLimits, readArchive } from './archive.ts';
import { Contents, type DefinitionType } from './contents.ts';
import { invalidPackage } from './failures.ts';
import { listPackages } from './list.ts';
import { type PackageRow, statements } from './sql.ts';

export interface LoadOptions {
  /** The .tgz. */
  readonly source: AsyncIterable<Uint8Array>;
  readonly limits?: ArchiveLimits;
  /** Called now and then with the number of files read. */
  readonly onProgress?: (files: number) => void;
  /** What belongs into the same transaction, such as the audit entry; not called where nothing changes. */
  readonly alongside?: (transaction: Transaction, loaded: { name: string; version: string }) => Promise<void>;
}

export interface LoadOutcome {
  readonly kind: 'loaded' | 'replaced' | 'unchanged';
  readonly name: string;
  readonly version: string;
  readonly counts: Readonly<Partial<Record<DefinitionType, number>>>;
  /** Profiles that came without a snapshot, so that nothing can be validated against them. */
  readonly withoutSnapshot: readonly string[];
  /** Packages it builds on that are not loaded, as `name version`: what it takes from them is not checked. */
  readonly missing: readonly string[];
}

/**
 * Loads a FHIR package for R4, beside other versions of it. The same package again changes nothing; another content under the same name and version replaces what was there.
 * All of it is there, or nothing: one transaction. Throws PACKAGE_INVALID with the place in the package.
 */
export async function loadPackage(database: Database, options: LoadOptions): Promise<LoadOutcome> {
  const contents = new Contents();
  let files = 0;
  await readArchive(
    options.source,
    (file) => {
      contents.add(file);
      files += 1;
      if (files % 100 === 0) options.onProgress?.(files);
    },
    options.limits,
  );
  const { name, version, dependencies } = contents.manifest;
  if (contents.definitions.length === 0) throw invalidPackage('package', 'it defines something');
  const kind = await database.transaction(async (transaction) => {
    const done = await store(transaction, contents);
    if (done !== 'unchanged') await options.alongside?.(transaction, { name, version });
    return done;
  });
  const loaded = new Set((await listPackages(database)).map((one) => one.name));
  return {
    kind,
    name,
    version,
    counts: countsOf(contents),
    withoutSnapshot: contents.withoutSnapshot,
    missing: Object.entries(dependencies)
      .filter(([dependency]) => !loaded.has(dependency))
      .map(([dependency, wanted]) => `${dependency} ${wanted}`),
  };
}

/** The bytes of a file for `loadPackage`. Throws what reading the file throws. */
export const packageFile = (path: string): AsyncIterable<Uint8Array> => createReadStream(path);

async function store(transaction: Transaction, contents: Contents): Promise<LoadOutcome['kind']> {
  const { name, version, title } = contents.manifest;
  const { digest } = contents;
  const [before] = await transaction.query<PackageRow>(statements.find, [name, version]);
  if (before?.digest === digest) return 'unchanged';
  const [row] = await transaction.query<PackageRow>(statements.put, [name, version, title ?? null, digest]);
  if (!row) throw invalidPackage('package', 'it is stored');
  await transaction.query(statements.clear, [row.id]);
  for (const { type, url, version: of, content } of contents.definitions)
    await transaction.query(statements.putResource, [row.id, type, url, of, content]);
  await transaction.query(statements.notify);
  return before ? 'replaced' : 'loaded';
}

function countsOf({ definitions }: Contents): LoadOutcome['counts'] {
  const counts: Partial<Record<DefinitionType, number>> = {};
  for (const { type } of definitions) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
