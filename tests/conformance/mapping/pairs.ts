import { isUtf8 } from 'node:buffer';
import { mapMessage } from '../../../src/clinical/mapping/index.ts';
import { previewWrites } from '../../../src/clinical/record/index.ts';
import { parseMessage } from '../../../src/standards/hl7v2/index.ts';
import { type CorpusFile, corpusFiles } from '../corpora.ts';
import { messagesIn } from '../hl7v2-messages.ts';
import type { Entry, Json } from './references.ts';

/** A message and the bundle that somebody else made of it. */
export interface Pair {
  readonly name: string;
  readonly message: Uint8Array;
  readonly bundle: readonly Entry[];
}

/** `pairsOf` for a collection whose bundles are named so. */
export const byName =
  (bundleName: (stem: string) => RegExp) =>
  (collection: string): Pair[] =>
    pairsOf(collection, bundleName);

/** Files of a collection that have the same stem: the message ends with `.hl7`, the bundle by `bundleName`. */
function pairsOf(collection: string, bundleName: (stem: string) => RegExp): Pair[] {
  const files = corpusFiles(collection);
  const bundles = files.filter(({ path }) => /\.(fhir|json)$/.test(path));
  return files
    .filter(({ path }) => path.endsWith('.hl7'))
    .flatMap((file) => {
      const stem = file.path.replace(/\.hl7$/, '');
      const wanted = bundleName(stem.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      const bundle = bundles.find(({ path }) => wanted.test(path));
      const resources = bundle && bundleIn(bundle);
      const message = messagesIn(file)?.messages[0];
      return resources && message ? [{ name: file.path, message, bundle: resources }] : [];
    });
}

function bundleIn({ bytes }: CorpusFile): Entry[] | undefined {
  try {
    return resourcesOf(JSON.parse(bytes.toString()) as Json);
  } catch {
    // Some files of the collections are no JSON; they are no oracle then.
    return undefined;
  }
}

export function resourcesOf(bundle: Json): Entry[] {
  const { entry = [] } = bundle as { entry?: { fullUrl?: string; resource?: Json }[] };
  return entry.flatMap(({ fullUrl, resource }) =>
    resource ? withContained(entryOf(resource, fullUrl ? [fullUrl] : [])) : [],
  );
}

/** A contained resource says as much as one of its own. */
function withContained(entry: Entry): Entry[] {
  const { contained } = entry.resource as { contained?: Json[] };
  return [entry, ...(contained ?? []).map((resource) => ({ resource, keys: [`#${String(resource.id)}`] }))];
}

export const entryOf = (resource: Json, keys: readonly string[] = []): Entry => ({
  resource,
  keys: [...keys, `${String(resource.resourceType)}/${String(resource.id)}`],
});

/** What we make of a message, as resources; a PID without identifier stands for a patient of the message. */
export function mapped(message: Uint8Array): readonly Entry[] {
  const { writes } = mapMessage(parseMessage(message, { defaultCharset: charsetOf(message) }), {
    system: 'conformance',
    zone: 'UTC',
    receivedAt: new Date('2026-11-20T00:00:00Z'),
    unidentified: 'message',
  });
  return previewWrites(writes).flatMap((resource) => withContained(entryOf({ ...resource })));
}

export const typeOf = (message: Uint8Array): string =>
  parseMessage(message, { defaultCharset: charsetOf(message) }).type;

/** What a message without MSH-18 is written in: UTF-8 where its bytes are that, or else Latin 1. */
const charsetOf = (bytes: Uint8Array): string => (isUtf8(bytes) ? 'UNICODE UTF-8' : '8859/1');
