import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database, Queryable } from '../../foundation/database/index.ts';
import {
  builtInSource,
  combineSources,
  type TerminologySource,
  unitSource,
} from '../../standards/terminology/index.ts';
import { loadedSource, Views } from './loaded/source.ts';
import { packageSource } from './package-source.ts';
import { parsedResources, recordSource } from './record-source.ts';
import { statements } from './sql.ts';

export interface Terminology {
  /** What is loaded and written, as of now, as one text: another one when anything changed. One cheap statement. */
  generation(database?: Queryable): Promise<string>;
  /** What there is, as of now: loaded content, resources of the record, packages, built-in definitions; the first that has something wins. */
  source(): Promise<TerminologySource>;
}

export interface TerminologyOptions {
  readonly database: Database;
  /** Opens contents of the record that are sealed. */
  readonly keyring?: Keyring;
}

/**
 * Terminology of a running process. A source is made for one generation and handed out again while that lasts; what it remembers is bounded. Use one source for one answer, or one batch
 * of a pipeline, so that it does not change in between.
 */
export function openTerminology({ database, keyring }: TerminologyOptions): Terminology {
  const views = new Views(database);
  const parsed = parsedResources();
  const builtIn = builtInSource();
  const units = unitSource();
  let current: { readonly generation: string; readonly source: Promise<TerminologySource> } | undefined;
  const generation = async (of: Queryable = database): Promise<string> => {
    const [row] = await of.query<{ generation: string }>(statements.generation);
    return row?.generation ?? '';
  };
  const make = async (): Promise<TerminologySource> =>
    combineSources([
      await loadedSource(database, views),
      recordSource(database, { parsed, ...(keyring ? { keyring } : {}) }),
      packageSource(database),
      units,
      builtIn,
    ]);
  return {
    generation,
    async source() {
      const now = await generation();
      if (current?.generation === now) return current.source;
      const source = make();
      current = { generation: now, source };
      source.catch(() => {
        if (current?.source === source) current = undefined;
      });
      return source;
    },
  };
}
