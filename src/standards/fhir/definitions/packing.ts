import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** Many definitions as few compressed texts, so that one is found without unpacking all. */
export interface Packed {
  /** The keys of each part, compressed. */
  readonly index: string;
  readonly parts: readonly string[];
}

interface Definition {
  readonly resourceType: string;
  readonly url?: string;
}

/** A part is unpacked in about a millisecond. */
const PART = 60_000;

export const keyOf = (resourceType: string, url: string): string => `${resourceType} ${url}`;

/** What is asked for together, a value set and its code system, has the same last name and stands together. */
export function pack(definitions: readonly Definition[]): Packed {
  const ordered = definitions
    .map((one) => ({ one, key: keyOf(one.resourceType, one.url ?? ''), text: JSON.stringify(one) }))
    .map((item) => ({ ...item, order: `${(item.one.url ?? '').replace(/^.*\//, '')} ${item.key}` }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  const parts: { keys: string[]; texts: string[]; size: number }[] = [];
  for (const { key, text } of ordered) {
    const last = parts.at(-1);
    const part = last && last.size + text.length <= PART ? last : { keys: [], texts: [], size: 0 };
    if (part !== last) parts.push(part);
    part.keys.push(key);
    part.texts.push(text);
    part.size += text.length;
  }
  return {
    index: compressed(JSON.stringify(parts.map(({ keys }) => keys))),
    parts: parts.map(({ texts }) => compressed(`[${texts.join(',')}]`)),
  };
}

/** Key → the number of its part. */
export function unpackIndex({ index }: Packed): Map<string, number> {
  const keys = JSON.parse(decompressed(index)) as readonly (readonly string[])[];
  return new Map(keys.flatMap((of, part) => of.map((key): [string, number] => [key, part])));
}

/** The definitions of a part, as JSON of FHIR. */
export function unpackPart({ parts }: Packed, part: number): readonly Readonly<Record<string, unknown>>[] {
  const text = parts[part];
  return text === undefined ? [] : (JSON.parse(decompressed(text)) as Readonly<Record<string, unknown>>[]);
}

const compressed = (text: string): string =>
  brotliCompressSync(Buffer.from(text), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }).toString(
    'base64',
  );
const decompressed = (text: string): string => brotliDecompressSync(Buffer.from(text, 'base64')).toString();
