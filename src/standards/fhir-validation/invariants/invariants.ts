import type { Invariant } from '../../fhir/index.ts';
import { isObject, type JsonObject, listOf } from '../json.ts';
import { lazily } from '../lazily.ts';
import { compileExpression } from './compile.ts';
import { type Evaluate, type Evaluation, TooCostly, truth, Undecidable } from './functions.ts';
import { compileByLibrary } from './library.ts';
import { Unsupported } from './syntax.ts';

/** What an expression may speak of besides the element it is about. */
export type Environment = Evaluation;

export type Verdict = boolean | undefined | 'too-costly';

export interface CompiledInvariant {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** The rule as it is told: key and expression. */
  readonly rule: string;
  /**
   * Undefined when it can't be evaluated: an expression asks a terminology server, or has many where one is expected. `too-costly` when the resource makes it
   * compare more than is sensible. `type` is the type of the focus, for expressions that ask for it.
   */
  readonly holds: (focus: unknown, environment: Environment, type?: string) => Verdict;
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
      if (environment.budget.left < 0) return 'too-costly';
      environment.context = focus;
      environment.type = type;
      try {
        const items = evaluate()?.([focus], environment);
        return items && (truth(items) ?? false);
      } catch (error) {
        if (error instanceof Undecidable) return undefined;
        if (error instanceof TooCostly) return 'too-costly';
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
    if (!(error instanceof Unsupported || error instanceof SyntaxError || error instanceof RangeError))
      throw error;
    const evaluate = compileByLibrary(expression, base);
    return evaluate && (([focus], environment) => evaluate(focus, environment));
  }
}

/** Items that the invariants of one resource may look at: several times what the largest StructureDefinition of R4 takes, and less than a second. */
const BUDGET = 8_000_000;

export function environmentOf(
  resource: JsonObject,
  rootResource: JsonObject,
  bundle: BundleIndex | undefined,
): Environment {
  const contained = lazily(() => containedById(rootResource));
  return {
    resource,
    rootResource,
    context: resource,
    type: undefined,
    budget: { left: BUDGET },
    resolve: (literal) => {
      if (literal === '#') return rootResource;
      return literal.startsWith('#') ? contained().get(literal.slice(1)) : bundle?.().get(literal);
    },
  };
}

/** The resources of a Bundle by fullUrl and by type and id. */
export type BundleIndex = () => ReadonlyMap<string, JsonObject>;

export const bundleIndex = (bundle: JsonObject): BundleIndex =>
  lazily(() => {
    const index = new Map<string, JsonObject>();
    for (const entry of listOf(bundle.entry)) {
      if (!isObject(entry) || !isObject(entry.resource)) continue;
      const { fullUrl, resource } = entry;
      index.set(`${resource.resourceType}/${resource.id}`, resource);
      if (typeof fullUrl === 'string') index.set(fullUrl, resource);
    }
    return index;
  });

function containedById({ contained }: JsonObject): ReadonlyMap<string, JsonObject> {
  const index = new Map<string, JsonObject>();
  for (const resource of listOf(contained))
    if (isObject(resource) && typeof resource.id === 'string') index.set(resource.id, resource);
  return index;
}
