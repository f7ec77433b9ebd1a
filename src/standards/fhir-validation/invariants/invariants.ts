import type { Invariant } from '../../fhir/index.ts';
import { isObject, type JsonObject, listOf } from '../json.ts';
import { lazily } from '../lazily.ts';
import { compileExpression } from './compile.ts';
import { type Evaluate, type Evaluation, truth, Undecidable } from './functions.ts';
import { compileByLibrary } from './library.ts';
import { Unsupported } from './syntax.ts';

/** What an expression may speak of besides the element it is about. */
export type Environment = Omit<Evaluation, 'context' | 'type'>;

export interface CompiledInvariant {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** The rule as it is told: key and expression. */
  readonly rule: string;
  /**
   * Undefined when it can't be evaluated: an expression asks a terminology server, or has many where one is expected. `type` is the type of the focus, for
   * expressions that ask for it.
   */
  readonly holds: (focus: unknown, environment: Environment, type?: string) => boolean | undefined;
}

/** `base` is the path of the element in its type: `Observation.component`. */
export function compileInvariant(
  { key, severity, expression = '' }: Invariant,
  base: string,
): CompiledInvariant {
  const evaluate = lazily(() => evaluator(expression, base));
  return {
    key,
    severity,
    rule: `${key}: ${expression}`,
    holds: (focus, environment, type) => {
      try {
        const items = evaluate()?.([focus], { ...environment, context: focus, type });
        return items && (truth(items) ?? false);
      } catch (error) {
        if (error instanceof Undecidable) return undefined;
        throw error;
      }
    },
  };
}

/** Our own closures, some microseconds, for all but a few expressions; those are the library's, some hundred. */
function evaluator(expression: string, base: string): Evaluate | undefined {
  try {
    return compileExpression(expression);
  } catch (error) {
    if (!(error instanceof Unsupported) && !(error instanceof SyntaxError)) throw error;
    const evaluate = compileByLibrary(expression, base);
    return evaluate && (([focus], environment) => evaluate(focus, environment));
  }
}

export function environmentOf(
  resource: JsonObject,
  rootResource: JsonObject,
  bundle?: JsonObject,
): Environment {
  return { resource, rootResource, resolve: (literal) => resolveIn(literal, rootResource, bundle) };
}

function resolveIn(literal: string, root: JsonObject, bundle: JsonObject | undefined): unknown {
  if (literal === '#') return root;
  if (literal.startsWith('#'))
    return listOf(root.contained).find(
      (contained) => isObject(contained) && contained.id === literal.slice(1),
    );
  for (const entry of listOf(bundle?.entry)) {
    if (!isObject(entry) || !isObject(entry.resource)) continue;
    const { fullUrl, resource } = entry;
    if (fullUrl === literal || `${resource.resourceType}/${resource.id}` === literal) return resource;
  }
  return undefined;
}
