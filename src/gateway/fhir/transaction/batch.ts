import type { Json } from '../../../trust/access/index.ts';
import { Answered } from './answered.ts';
import { type Entry, entryOf, rawEntries } from './entries.ts';
import type { BundleDeps, EntryResult, InteractionRequest } from './types.ts';

/** Entries that are done at the same time. */
const LANES = 4;

type Deps = Pick<BundleDeps, 'base' | 'interact' | 'failureOf' | 'hold'>;

/**
 * Does the entries of a batch one by one, each as if it had come by itself (R4 http.html#brules): what fails is told in its own entry.
 * Neighbours with the same method that are about different things are done side by side.
 */
export async function processBatch(bundle: Json, deps: Deps): Promise<EntryResult[]> {
  const raw = rawEntries(bundle);
  const results = new Array<EntryResult>(raw.length);
  const entries: Entry[] = [];
  raw.forEach((one, index) => {
    try {
      entries.push(entryOf(one, index, deps.base));
    } catch (error) {
      results[index] = failed(error, deps);
    }
  });
  const answered = new Answered(deps);
  for (const group of groupsOf(entries)) {
    const waiting = [...group].reverse();
    const lane = async () => {
      for (let entry = waiting.pop(); entry; entry = waiting.pop())
        results[entry.index] = await interact(entry, answered, deps);
    };
    await Promise.all(Array.from({ length: Math.min(LANES, group.length) }, lane));
  }
  return results;
}

function groupsOf(entries: readonly Entry[]): Entry[][] {
  const groups: Entry[][] = [];
  let urls = new Set<string>();
  for (const entry of entries) {
    const { method, url } = entry.request;
    const group = groups.at(-1);
    const isApart = method === 'POST' || !urls.has(url);
    if (group && group[0]?.request.method === method && isApart) group.push(entry);
    else {
      groups.push([entry]);
      urls = new Set();
    }
    urls.add(url);
  }
  return groups;
}

async function interact({ request }: Entry, answered: Answered, deps: Deps): Promise<EntryResult> {
  try {
    if (isReading(request)) answered.checkRoom();
    const result = await deps.interact(request);
    answered.add(result);
    return result;
  } catch (error) {
    return failed(error, deps);
  }
}

/** What is answered with more than was sent. A write is done, and answered with no more than itself. */
const isReading = ({ method, url }: InteractionRequest): boolean =>
  method === 'GET' || (method === 'POST' && /(^|\/)(_search|\$[^/]*)($|\?)/.test(url));

function failed(error: unknown, { failureOf }: Pick<BundleDeps, 'failureOf'>): EntryResult {
  const { status, json } = failureOf(error);
  return { status, outcome: json };
}
