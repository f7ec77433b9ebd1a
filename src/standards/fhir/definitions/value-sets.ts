import { expandValueSet, type TerminologySource } from './expand.ts';
import { listOf, textOf } from './node.ts';
import { publishedCanonical, publishedTerminology, type TerminologyType } from './terminology.ts';
import type { ValueSetCodes } from './types.ts';

const sets = new Map<string, ValueSetCodes>();
const systems = new Map<string, ReadonlySet<string>>();

const source: TerminologySource = {
  codeSystem: (canonical) => publishedTerminology('CodeSystem', canonical),
  valueSet: (canonical) => publishedTerminology('ValueSet', canonical),
};

/**
 * The codes of a value set that R4 4.0.1 publishes, by canonical (a `|version` is passed over: there is one). Undefined for a value set that R4 does not publish; one
 * whose codes cannot be listed has no `systems`.
 */
export function valueSet(canonical: string): ValueSetCodes | undefined {
  return remembered(sets, 'ValueSet', canonical, (definition) => expandValueSet(definition, source));
}

/** All codes of a code system that R4 4.0.1 publishes completely. */
export function codeSystemCodes(canonical: string): ReadonlySet<string> | undefined {
  return remembered(systems, 'CodeSystem', canonical, (definition) =>
    textOf(definition, 'content') === 'complete' ? codesOf(definition) : undefined,
  );
}

/** By the published canonical: what is remembered is bounded by what is published, whatever versions are asked for. */
function remembered<Value>(
  known: Map<string, Value>,
  type: TerminologyType,
  canonical: string,
  make: (definition: Readonly<Record<string, unknown>>) => Value | undefined,
): Value | undefined {
  const url = publishedCanonical(type, canonical);
  if (url === undefined) return undefined;
  const present = known.get(url);
  if (present !== undefined) return present;
  const definition = publishedTerminology(type, url);
  const made = definition && make(definition);
  if (made !== undefined) known.set(url, made);
  return made;
}

function codesOf(definition: unknown): ReadonlySet<string> {
  const codes = new Set<string>();
  const open = [...listOf(definition, 'concept')];
  for (let concept = open.pop(); concept; concept = open.pop()) {
    const code = textOf(concept, 'code');
    if (code !== undefined) codes.add(code);
    open.push(...listOf(concept, 'concept'));
  }
  return codes;
}
