import type { Slicing } from '../../fhir/index.ts';
import { codeCheck } from '../base/codes.ts';
import { referencedType } from '../base/references.ts';
import { isObject, listOf } from '../json.ts';
import { meetsProfile } from './check.ts';
import { type Matcher, type ProfileRun, type Profiles, withoutVersion } from './model.ts';
import { type ElementNames, namesOf, type Occurrence, occurrencesIn, ownerOf } from './occurrences.ts';
import type { Element } from './tree.ts';
import { isFixed, matchesPattern } from './values.ts';

type Discriminator = Slicing['discriminators'][number];

/** Without discriminators (older profiles) a slice is told by what it fixes. */
const BY_CONTENT: readonly Discriminator[] = [{ type: 'value', path: '$this' }];

/**
 * Tells the occurrences that belong to the slice (R4 profiling.html#discriminator): all discriminators must agree. One whose slice fixes nothing that could be
 * compared decides nothing; when none decides, nothing belongs.
 */
export function discriminate(
  slice: Element,
  discriminators: readonly Discriminator[],
  profiles: Profiles,
): Matcher {
  const matchers = (discriminators.length > 0 ? discriminators : BY_CONTENT).flatMap(
    (discriminator) => matcherOf(slice, discriminator, profiles) ?? [],
  );
  if (matchers.length === 0) return () => false;
  return (run, occurrence) => matchers.every((matches) => matches(run, occurrence));
}

function matcherOf(slice: Element, { type, path }: Discriminator, profiles: Profiles): Matcher | undefined {
  if (path === 'url' && isExtension(slice)) {
    const byProfile = extensionMatcher(slice);
    if (byProfile) return byProfile;
  }
  const { steps, elements } = follow(slice, path, profiles);
  const [element] = elements;
  if (!element) return undefined;
  if (type === 'exists') return existsMatcher(element, steps);
  const tests = elements.flatMap((one) => testOf(type, one, profiles) ?? []);
  if (tests.length === 0) return undefined;
  return (run, occurrence) => {
    const found = walk(run, occurrence, steps);
    return tests.every((test) => found.some((one) => test(run, one)));
  };
}

function testOf(type: Discriminator['type'], element: Element, profiles: Profiles): Test | undefined {
  if (type === 'type') return typeTest(element, profiles);
  return type === 'profile' ? profileTest(element, profiles) : valueTest(element, profiles);
}

const isExtension = ({ rule }: Element): boolean => rule.types.some(({ code }) => code === 'Extension');

function extensionMatcher({ rule }: Element): Matcher | undefined {
  const urls = rule.types.flatMap(({ profiles }) => profiles ?? []).map(withoutVersion);
  if (urls.length === 0) return undefined;
  return (_, { value }) => isObject(value) && typeof value.url === 'string' && urls.includes(value.url);
}

function existsMatcher({ rule }: Element, steps: readonly Step[]): Matcher | undefined {
  if (rule.min > 0) return (run, occurrence) => walk(run, occurrence, steps).length > 0;
  return rule.max === 0 ? (run, occurrence) => walk(run, occurrence, steps).length === 0 : undefined;
}

type Test = (run: ProfileRun, occurrence: Occurrence) => boolean;

function typeTest({ rule }: Element, profiles: Profiles): Test | undefined {
  const types = rule.types.flatMap(({ code, profiles: wanted, targetProfiles }) => [
    code,
    ...[...(wanted ?? []), ...(targetProfiles ?? [])].flatMap(
      (canonical) => profiles.typeOf(canonical) ?? [],
    ),
  ]);
  if (types.length === 0) return undefined;
  return (_, { value, type }) => {
    const actual = isObject(value) && typeof value.resourceType === 'string' ? value.resourceType : type;
    return actual !== undefined && types.includes(actual);
  };
}

function profileTest({ rule }: Element, profiles: Profiles): Test | undefined {
  const wanted = rule.types.flatMap(({ profiles: own, targetProfiles }) => [
    ...(own ?? []),
    ...(targetProfiles ?? []),
  ]);
  if (wanted.length === 0) return undefined;
  return (run, { value }) =>
    isObject(value) &&
    wanted.some((canonical) => {
      const profile = profiles.profile(canonical);
      if (typeof profile !== 'object') return profiles.typeOf(canonical) === value.resourceType;
      if (value.resourceType !== undefined && value.resourceType !== profile.type) return false;
      return isStub(value) || meetsProfile(run, profile, value);
    });
}

/** What the slice fixes at the element or below; undefined when it fixes nothing. */
function valueTest(element: Element, profiles: Profiles): Test | undefined {
  const { rule } = element;
  const tests: Test[] = [];
  const { fixed, pattern, binding } = rule;
  if (fixed) tests.push((_, { value }) => isFixed(value, fixed.value));
  else if (pattern) tests.push((_, { value }) => matchesPattern(value, pattern.value));
  else if (binding?.strength === 'required') {
    const codes = codeCheck(profiles.codes(binding.valueSet));
    const known = rule.types[0]?.code ?? 'code';
    if (codes) tests.push((_, { value, type = known }) => codes(value, type));
  }
  for (const child of element.children) {
    const test = valueTest(child, profiles);
    const names = namesOf(child.rule, child.base);
    if (test)
      tests.push((run, found) => {
        const inner = occurrencesIn(ownerOf(found), names);
        return inner.length === 0 ? child.rule.min === 0 : inner.some((occurrence) => test(run, occurrence));
      });
    for (const slice of child.slices) {
      const sliceTest = slice.rule.min > 0 ? valueTest(slice, profiles) : undefined;
      if (sliceTest)
        tests.push((run, found) =>
          occurrencesIn(ownerOf(found), names).some((occurrence) => sliceTest(run, occurrence)),
        );
    }
  }
  return tests.length === 0 ? undefined : (run, found) => tests.every((test) => test(run, found));
}

type Step =
  | { readonly kind: 'child'; readonly names: ElementNames }
  | { readonly kind: 'extension'; readonly url: string }
  | { readonly kind: 'resolve' };

const STEP = /extension\(\s*['"]([^'"]+)['"]\s*\)|(resolve)\(\)|ofType\([^)]*\)|\$this|(\w+)/g;

/**
 * A discriminator's path: how to walk it in a resource, and the elements of the profile where it ends. They are several where the path leads through slices
 * that must be there: `code.coding` may fix nothing, while its one slice does.
 */
function follow(slice: Element, path: string, profiles: Profiles): { steps: Step[]; elements: Element[] } {
  const steps: Step[] = [];
  let elements: Element[] = [slice];
  for (const [, url, resolve, name] of path.matchAll(STEP)) {
    if (url !== undefined) {
      steps.push({ kind: 'extension', url });
      elements = elements.flatMap((element) => extensionSlice(element, url) ?? []);
    } else if (resolve !== undefined) {
      steps.push({ kind: 'resolve' });
      elements = elements.map((element) => targetTree(element, profiles));
    } else if (name !== undefined) {
      const children = elements.flatMap((element) => childOf(element, name, profiles) ?? []);
      const [first] = children;
      steps.push({ kind: 'child', names: first ? namesOf(first.rule, first.base) : PLAIN(name) });
      elements = children.flatMap((child) => [child, ...child.slices.filter(({ rule }) => rule.min > 0)]);
    }
  }
  return { steps, elements };
}

const PLAIN = (name: string): ElementNames => ({ names: [{ name, type: undefined, place: name }] });

function childOf(element: Element, name: string, profiles: Profiles): Element | undefined {
  const own = element.children.find(({ rule }) => rule.name === name);
  if (own) return own;
  for (const canonical of element.rule.types.flatMap((type) => type.profiles ?? [])) {
    const child = profiles.tree(canonical)?.children.find(({ rule }) => rule.name === name);
    if (child) return child;
  }
  return undefined;
}

function extensionSlice(element: Element, url: string): Element | undefined {
  const slices = element.children
    .filter(({ rule }) => rule.name === 'extension')
    .flatMap(({ slices: all }) => all);
  return slices.find(
    (slice) =>
      slice.rule.types.some(({ profiles }) =>
        profiles?.some((canonical) => withoutVersion(canonical) === url),
      ) || slice.children.some(({ rule }) => rule.name === 'url' && rule.fixed?.value === url),
  );
}

/** What a reference leads to; several profiles are told apart by the tests for type and profile, which look at the reference itself. */
function targetTree(element: Element, profiles: Profiles): Element {
  const targets = element.rule.types.flatMap(({ targetProfiles }) => targetProfiles ?? []);
  const [only] = targets;
  const tree = only !== undefined && targets.length === 1 ? profiles.tree(only) : undefined;
  return { rule: element.rule, base: element.base, children: tree?.children ?? [], slices: [] };
}

function walk(run: ProfileRun, from: Occurrence, steps: readonly Step[]): readonly Occurrence[] {
  let found: readonly Occurrence[] = [from];
  for (const step of steps) found = found.flatMap((occurrence) => stepFrom(run, occurrence, step));
  return found;
}

function stepFrom(run: ProfileRun, occurrence: Occurrence, step: Step): readonly Occurrence[] {
  if (step.kind === 'child') return occurrencesIn(ownerOf(occurrence), step.names);
  if (step.kind === 'extension') {
    const owner = ownerOf(occurrence);
    return listOf(isObject(owner) ? owner.extension : undefined)
      .filter((extension) => isObject(extension) && extension.url === step.url)
      .map(bare);
  }
  const { value } = occurrence;
  if (!isObject(value)) return [];
  const resource = typeof value.reference === 'string' ? run.environment.resolve(value.reference) : undefined;
  const type = referencedType(value, run.environment);
  return resource ? [bare(resource)] : type ? [bare({ resourceType: type })] : [];
}

const bare = (value: unknown): Occurrence => ({
  value,
  sibling: undefined,
  type: undefined,
  place: '',
  index: undefined,
});

/** Stands for a resource that is elsewhere, of which only the type is known. */
const isStub = (value: Record<string, unknown>): boolean => Object.keys(value).length === 1;
