import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The folder that ISTHMUS_CORPORA names. Conformance without its corpora would pass by looking at nothing, so it fails. */
export function corporaFolder(): string {
  const folder = process.env.ISTHMUS_CORPORA;
  if (!folder)
    throw new Error('Set ISTHMUS_CORPORA to the folder with the conformance corpora (hl7v2-*, fhir-*, ...).');
  if (!existsSync(folder)) throw new Error(`ISTHMUS_CORPORA names a folder that is not there: ${folder}`);
  return folder;
}

export interface CorpusFile {
  readonly collection: string;
  /** Inside the collection. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** All files of the collections whose name begins so; throws when there is no such collection. */
export function corpusFiles(prefix: string): CorpusFile[] {
  const root = corporaFolder();
  const collections = readdirSync(root).filter(
    (name) => name.startsWith(prefix) && statSync(join(root, name)).isDirectory(),
  );
  if (collections.length === 0) throw new Error(`ISTHMUS_CORPORA has no folder ${prefix}*`);
  return collections.sort().flatMap((collection) =>
    filesBelow(join(root, collection)).map((path) => ({
      collection,
      path: relative(join(root, collection), path),
      bytes: readFileSync(path),
    })),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}
