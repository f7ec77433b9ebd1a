import { createRequire } from 'node:module';
import type { Model } from 'fhirpath';
import { stringifyExact } from '../../fhir/index.ts';
import { lazily } from '../lazily.ts';
import { type Evaluation, Undecidable } from './functions.ts';

/** fhirpath takes a good part of a second to load, and most processes never need it. */
const library = lazily(() => {
  const require = createRequire(import.meta.url);
  return {
    fhirpath: require('fhirpath') as typeof import('fhirpath'),
    r4: require('fhirpath/fhir-context/r4') as Model,
  };
});

/** One resource is asked many times in a row. */
const plain = new WeakMap<object, unknown>();

/** The JSON without exact decimals, which the library does not know. */
function withoutMarks(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const present = plain.get(value);
  if (present !== undefined) return present;
  const made: unknown = JSON.parse(stringifyExact(value));
  plain.set(value, made);
  return made;
}

/** Evaluates by the library `fhirpath` on the element at `base`; undefined when the expression is beyond the library as well. */
export function compileByLibrary(
  expression: string,
  base: string,
): ((focus: unknown, environment: Evaluation) => readonly unknown[]) | undefined {
  const { fhirpath, r4 } = library();
  try {
    const evaluate = fhirpath.compile({ base, expression }, r4, { traceFn: () => undefined, async: false });
    return (focus, { resource, rootResource }) => {
      const [of, root] = [withoutMarks(resource), withoutMarks(rootResource)];
      return decided(() => evaluate(withoutMarks(focus), { resource: of, rootResource: root }) as unknown[]);
    };
  } catch {
    return undefined;
  }
}

/** It throws for what it can't evaluate: a function that asks a server, many values where one is expected. */
function decided<T>(evaluate: () => T): T {
  try {
    return evaluate();
  } catch {
    throw new Undecidable();
  }
}
