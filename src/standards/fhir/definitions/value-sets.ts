import encoded from './r4/value-sets.json' with { type: 'json' };
import type { ValueSetCodes } from './types.ts';

/** Code systems and value sets are texts of codes with a bar between: no code of R4's has one, and a start does not pay for a hundred thousand strings. */
const SEPARATOR = '|';

const systems = new Map<string, string>(Object.entries(encoded.codeSystems));
const sets = new Map<string, string>(Object.entries(encoded.valueSets));
const decoded = new Map<string, ValueSetCodes>();
const decodedSystems = new Map<string, ReadonlySet<string>>();

/** A value set as it is kept: code system → its codes; true for all codes of a system that is kept itself, false for one that is not. */
type EncodedValueSet = Readonly<Record<string, string | boolean>>;

/**
 * The codes of a value set that R4 4.0.1 publishes, by canonical (a `|version` is passed over: there is one). Undefined for a value set that R4 does not publish; one
 * whose codes cannot be listed has no `systems`.
 */
export function valueSet(canonical: string): ValueSetCodes | undefined {
  const url = withoutVersion(canonical, sets);
  const present = decoded.get(url);
  if (present) return present;
  const text = sets.get(url);
  if (text === undefined) return undefined;
  const made = decode(url, text);
  decoded.set(url, made);
  return made;
}

/** All codes of a code system that R4 4.0.1 publishes completely. */
export function codeSystemCodes(canonical: string): ReadonlySet<string> | undefined {
  const url = withoutVersion(canonical, systems);
  const present = decodedSystems.get(url);
  if (present) return present;
  const text = systems.get(url);
  if (text === undefined) return undefined;
  const codes = codesIn(text);
  decodedSystems.set(url, codes);
  return codes;
}

function decode(url: string, text: string): ValueSetCodes {
  if (text === '') return { url };
  const parts = Object.entries(JSON.parse(text) as EncodedValueSet);
  return {
    url,
    systems: new Map(
      parts.map(([system, codes]) => {
        if (typeof codes === 'string') return [system, codesIn(codes)];
        return [system, (codes ? codeSystemCodes(system) : undefined) ?? 'all'];
      }),
    ),
  };
}

const codesIn = (text: string): ReadonlySet<string> => new Set(text === '' ? [] : text.split(SEPARATOR));

/** R4 has a few canonicals that contain a bar themselves. */
function withoutVersion(canonical: string, among: ReadonlyMap<string, string>): string {
  if (among.has(canonical)) return canonical;
  const bar = canonical.indexOf('|');
  return bar === -1 ? canonical : canonical.slice(0, bar);
}
