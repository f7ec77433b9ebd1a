import type { ElementRule, Structure } from '../../fhir/index.ts';
import { elementChecks } from './checks.ts';
import { discriminate } from './discriminators.ts';
import type { CompiledElement, CompiledProfile, CompiledSlicing, Profiles } from './model.ts';
import { namesOf } from './occurrences.ts';
import { type Element, elementTree } from './tree.ts';

/** What a profile asks beyond R4, as closures. */
export function compileProfile(profile: Structure, profiles: Profiles): CompiledProfile | undefined {
  const tree = elementTree(profile);
  if (!tree) return undefined;
  return {
    url: profile.url,
    type: profile.type,
    contexts: profile.contexts ?? [],
    parts: partsOf(tree),
    modifier: tree.rule.modifier,
    root: compileElement(tree, { profile, profiles, slice: false }),
  };
}

function partsOf({ children }: Element): ReadonlySet<string> {
  const slices = children.filter(({ rule }) => rule.name === 'extension').flatMap(({ slices: all }) => all);
  const urls = slices.map(
    (slice) => slice.children.find(({ rule }) => rule.name === 'url')?.rule.fixed?.value,
  );
  return new Set(urls.filter((url) => typeof url === 'string'));
}

interface Context {
  readonly profile: Structure;
  readonly profiles: Profiles;
  /** The element is a slice: R4 says nothing of how often it occurs. */
  readonly slice: boolean;
}

function compileElement(element: Element, context: Context): CompiledElement {
  const { rule, base } = element;
  const { url } = context.profile;
  const children = element.children.map((child) => compileElement(child, { ...context, slice: false }));
  const slicing = compileSlicing(element, context);
  const name = context.slice && rule.sliceName ? `${rule.name}:${rule.sliceName}` : rule.name;
  return {
    name: rule.name,
    names: namesOf(rule, base),
    min: context.slice || rule.min > (base?.min ?? 0) ? rule.min : 0,
    max:
      context.slice || rule.max < (base?.max ?? Number.POSITIVE_INFINITY)
        ? rule.max
        : Number.POSITIVE_INFINITY,
    tooFew: `${url}: ${name} must occur at least ${times(rule.min)}`,
    tooMany:
      rule.max === 0
        ? `${url}: ${name} must not occur`
        : `${url}: ${name} may occur at most ${times(rule.max)}`,
    checks: elementChecks(element, context.profile, context.profiles),
    children: children.filter(asksSomething),
    ...(slicing ? { slicing } : {}),
  };
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const asksSomething = ({ min, max, checks, children, slicing }: CompiledElement): boolean =>
  min > 0 ||
  max < Number.POSITIVE_INFINITY ||
  checks.length > 0 ||
  children.length > 0 ||
  slicing !== undefined;

function compileSlicing(element: Element, context: Context): CompiledSlicing | undefined {
  const { rule, slices } = element;
  if (slices.length === 0) return undefined;
  const slicing: NonNullable<ElementRule['slicing']> = rule.slicing ?? {
    discriminators: [],
    ordered: false,
    rules: 'open',
  };
  const compiled = slices.map((slice) => ({
    matches: discriminate(slice, slicing.discriminators, context.profiles),
    element: compileElement(slice, { ...context, slice: true }),
  }));
  if (slicing.rules === 'open' && !slicing.ordered && !compiled.some((slice) => asksSomething(slice.element)))
    return undefined;
  return { slices: compiled, ordered: slicing.ordered, rules: slicing.rules, url: context.profile.url };
}
