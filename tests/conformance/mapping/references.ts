export type Json = Record<string, unknown>;

/** A resource of a bundle, and what others may call it. */
export interface Entry {
  readonly resource: Json;
  /** `fullUrl`, `Patient/1`. */
  readonly keys: readonly string[];
}

const STANDARD_EXTENSION = /^http:\/\/hl7\.org\/fhir\//;

/** Types of the message's envelope: what only these name belongs to the transport, not to the chart. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'MessageHeader',
  'Provenance',
  'Bundle',
  'Parameters',
  'Endpoint',
]);

/**
 * Resources of the types that are named in passing to which nothing in the chart refers: only the envelope does, or an extension of the
 * site, or nothing.
 */
export function asideOf(entries: readonly Entry[], named: ReadonlySet<string>): ReadonlySet<Entry> {
  const byKey = new Map(entries.flatMap((entry) => entry.keys.map((key) => [key, entry] as const)));
  const reached = new Set<Entry>();
  const waiting = entries.filter(({ resource }) => {
    const type = String(resource.resourceType);
    return !named.has(type) && !ENVELOPE.has(type);
  });
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    if (reached.has(entry)) continue;
    reached.add(entry);
    for (const reference of referencesIn(entry.resource)) {
      const target = byKey.get(reference);
      if (target) waiting.push(target);
    }
  }
  return new Set(
    entries.filter((entry) => named.has(String(entry.resource.resourceType)) && !reached.has(entry)),
  );
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const { url } = value as { url?: unknown };
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'reference') return typeof inner === 'string' ? [inner] : [];
    if (name === 'extension' && Array.isArray(inner)) {
      return inner
        .filter((one: { url?: unknown }) => STANDARD_EXTENSION.test(String(one?.url ?? url ?? '')))
        .flatMap(referencesIn);
    }
    return referencesIn(inner);
  });
}
