import { keyOf, unpackIndex, unpackPart } from './packing.ts';
import packed from './r4/terminology.json' with { type: 'json' };

export type TerminologyType = 'CodeSystem' | 'ValueSet' | 'ConceptMap';
type Definition = Readonly<Record<string, unknown>>;

/** Unpacked definitions that are kept; what was asked for longest ago goes first. */
const MAX_KEPT = 64;

let index: ReadonlyMap<string, number> | undefined;
const kept = new Map<string, Definition>();

/**
 * A code system, value set or concept map that R4 4.0.1 publishes, HL7's v2 tables and v3 vocabulary among them, as JSON of FHIR without prose. By canonical; a
 * `|version` is passed over, as there is one (R4 has a few canonicals that contain a bar themselves). An include whose codes have an owner who does not let them
 * be carried along has the extension `urn:isthmus:withheld` in their place.
 */
export function publishedTerminology(type: TerminologyType, canonical: string): Definition | undefined {
  const url = publishedCanonical(type, canonical);
  if (url === undefined) return undefined;
  const key = keyOf(type, url);
  const present = kept.get(key);
  if (present) {
    kept.delete(key);
    kept.set(key, present);
    return present;
  }
  const part = positions().get(key);
  const found =
    part === undefined
      ? undefined
      : unpackPart(packed, part).find(
          ({ resourceType, url }) => keyOf(String(resourceType), String(url)) === key,
        );
  if (found) keep(key, found);
  return found;
}

/** The canonical without its version, if R4 publishes it. */
export function publishedCanonical(type: TerminologyType, canonical: string): string | undefined {
  const bar = canonical.indexOf('|');
  const urls = bar === -1 ? [canonical] : [canonical, canonical.slice(0, bar)];
  return urls.find((url) => positions().has(keyOf(type, url)));
}

/** The canonicals of all that R4 publishes of a type. */
export function publishedCanonicals(type: TerminologyType): readonly string[] {
  const head = keyOf(type, '');
  return [...positions().keys()].flatMap((key) => (key.startsWith(head) ? [key.slice(head.length)] : []));
}

function positions(): ReadonlyMap<string, number> {
  index ??= unpackIndex(packed);
  return index;
}

function keep(key: string, definition: Definition): void {
  kept.set(key, definition);
  const [oldest] = kept.keys();
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
}
