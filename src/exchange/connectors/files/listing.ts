import { compareNames, isTemporaryName, matcher } from './name.ts';
import type { FileSourceOptions } from './options.ts';
import type { FileInfo, FileStore, ListOptions } from './store.ts';

const byName = (a: FileInfo, b: FileInfo) => compareNames(a.name, b.name);
const byTime = (a: FileInfo, b: FileInfo) => a.modifiedMs - b.modifiedMs || byName(a, b);

export interface Listing {
  readonly files: FileInfo[];
  /** There may be more than were listed. */
  readonly isFull: boolean;
  /** Markers whose file is gone: left by a crash between moving the file and removing the marker. */
  readonly orphans: string[];
}

/** The candidates in the declared order. With markers it is the markers that are listed, so that files without one never crowd out others. */
export async function listCandidates(store: FileStore, options: FileSourceOptions): Promise<Listing> {
  const matches = matcher(options.pattern);
  const compare = options.order === 'name' ? byName : byTime;
  const limit = options.maxFilesPerScan;
  const list = (accepts: ListOptions['accepts']) => store.list({ accepts, compare, limit });
  if (options.whole.by !== 'marker') {
    const files = await list((name) => !isTemporaryName(name) && matches(name));
    return { files, isFull: files.length === limit, orphans: [] };
  }
  const { suffix } = options.whole;
  const markers = await list((name) => name.endsWith(suffix) && matches(name.slice(0, -suffix.length)));
  const files: FileInfo[] = [];
  const orphans: string[] = [];
  for (const marker of markers) {
    const file = await store.stat(marker.name.slice(0, -suffix.length));
    if (file) files.push(file);
    else orphans.push(marker.name);
  }
  return { files: files.sort(compare), isFull: markers.length === limit, orphans };
}
