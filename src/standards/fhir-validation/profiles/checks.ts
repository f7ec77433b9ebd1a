import type { ElementBinding, ElementRule, ElementType, Structure } from '../../fhir/index.ts';
import { structure } from '../../fhir/index.ts';
import { codeCheck } from '../base/codes.ts';
import { referencedType } from '../base/references.ts';
import { reportVerdict } from '../base/run.ts';
import { compileInvariant } from '../invariants/invariants.ts';
import { compare, Extended } from '../invariants/items.ts';
import { isObject } from '../json.ts';
import { lazily } from '../lazily.ts';
import { checkProfile, meetsProfile } from './check.ts';
import type { Check, CompiledProfile, ProfileRun, Profiles } from './model.ts';
import type { Element } from './tree.ts';
import { isFixed, matchesPattern } from './values.ts';

/** What the profile asks of each value of an element, apart from its children. */
export function elementChecks(element: Element, profile: Structure, profiles: Profiles): Check[] {
  const { rule, base } = element;
  const { url } = profile;
  return [
    ...typeChecks(rule, base, url),
    ...valueChecks(rule, url),
    ...bindingChecks(rule, base, { url, profiles }),
    ...targetChecks(rule, base, { url, profiles }),
    ...profileChecks(rule, profiles),
    ...invariantChecks(element, profile),
  ];
}

function typeChecks({ types }: ElementRule, base: ElementRule | undefined, url: string): Check[] {
  if (!base?.choice || types.length === 0) return [];
  const allowed = new Set(types.map(({ code }) => code));
  if (base.types.every(({ code }) => allowed.has(code))) return [];
  const rule = `${url}: must be of a type that the profile allows`;
  return [
    ({ report }, { type }) =>
      void (type !== undefined && !allowed.has(type) && report.error('structure', rule)),
  ];
}

function valueChecks({ fixed, pattern, maxLength, minValue, maxValue }: ElementRule, url: string): Check[] {
  const checks: Check[] = [];
  const add = (code: string, rule: string, meets: (value: unknown) => boolean): void => {
    checks.push(({ report }, { value }) => void (meets(value) || report.error(code, `${url}: ${rule}`)));
  };
  if (fixed) add('value', 'must be the fixed value', (value) => isFixed(value, fixed.value));
  if (pattern) add('value', 'must match the pattern', (value) => matchesPattern(value, pattern.value));
  if (maxLength !== undefined)
    add(
      'too-long',
      `at most ${maxLength} characters`,
      (value) => typeof value !== 'string' || value.length <= maxLength,
    );
  if (minValue)
    add('value', 'must not be below the least value', (value) => (compare(value, minValue.value) ?? 0) >= 0);
  if (maxValue)
    add(
      'value',
      'must not be above the greatest value',
      (value) => (compare(value, maxValue.value) ?? 0) <= 0,
    );
  return checks;
}

interface Context {
  readonly url: string;
  readonly profiles: Profiles;
}

function bindingChecks(
  rule: ElementRule,
  base: ElementRule | undefined,
  { url, profiles }: Context,
): Check[] {
  const valueSet = requiredSet(rule.binding);
  if (!valueSet || valueSet === requiredSet(base?.binding)) return [];
  const codes = lazily(() => codeCheck(profiles.codes(valueSet)));
  const known = rule.types.length === 1 ? rule.types[0]?.code : undefined;
  return [
    ({ report }, { value, type = known ?? 'CodeableConcept' }) => {
      if (value === undefined) return;
      const check = codes();
      const broken = `${url}: must have a code of the required value set`;
      if (!check)
        report.binding(`${url}: the required binding can't be checked here`, broken, {
          valueSet,
          value,
          type,
        });
      else if (!check(value, type)) report.error('code-invalid', broken);
    },
  ];
}

const requiredSet = (binding: ElementBinding | undefined): string | undefined =>
  binding?.strength === 'required' ? binding.valueSet : binding?.maxValueSet;

function targetChecks(rule: ElementRule, base: ElementRule | undefined, { url, profiles }: Context): Check[] {
  const targets = targetsOf(rule.types);
  if (!targets || targets.join() === targetsOf(base?.types ?? [])?.join()) return [];
  const allowed = lazily(() => targets.map((target) => profiles.typeOf(target)));
  return [
    ({ report, environment }, { value }) => {
      if (!isObject(value) || allowed().some((type) => type === undefined || type === 'Resource')) return;
      const type = referencedType(value, environment);
      if (type !== undefined && !allowed().includes(type))
        report.error('invalid', `${url}: must refer to a type that the profile admits`);
    },
  ];
}

function targetsOf(types: readonly ElementType[]): readonly string[] | undefined {
  const reference = types.find(({ code }) => code === 'Reference');
  return reference?.targetProfiles;
}

/** A value against the profile of its type, or one of them. An extension's own definition is checked wherever it stands, not here. */
function profileChecks({ types }: ElementRule, profiles: Profiles): Check[] {
  return types.flatMap(({ code, profiles: wanted }): Check[] => {
    if (!wanted || code === 'Extension') return [];
    const compiled = lazily(() =>
      wanted.map((canonical) => profiles.profile(canonical)).filter((profile) => typeof profile === 'object'),
    );
    return [
      (run, { value, type = code }) => {
        if (type === code && isObject(value) && compiled().length === wanted.length)
          checkAnyProfile(run, compiled(), value);
      },
    ];
  });
}

function checkAnyProfile(
  run: ProfileRun,
  profiles: readonly CompiledProfile[],
  value: Record<string, unknown>,
): void {
  const [only] = profiles;
  if (only && profiles.length === 1) checkProfile(run, only, value);
  else if (!profiles.some((profile) => meetsProfile(run, profile, value)))
    run.report.error(
      'structure',
      `${profiles.map(({ url }) => url).join(', ')}: must meet one of the profiles`,
    );
}

function invariantChecks({ rule, base }: Element, profile: Structure): Check[] {
  const known = new Set(
    [...(base?.invariants ?? []), ...typeInvariants(rule, profile)].map(
      ({ key, expression }) => `${key} ${expression}`,
    ),
  );
  const type = rule.types.length === 1 ? rule.types[0]?.code : undefined;
  return rule.invariants
    .filter(
      ({ key, expression, bestPractice }) =>
        expression && !bestPractice && !NATIVE.has(key) && !known.has(`${key} ${expression}`),
    )
    .map((invariant) => {
      const compiled = compileInvariant(invariant, rule.path);
      return (run, { value, sibling, type: chosen }) => {
        if (!run.invariants) return;
        const focus = isObject(sibling) ? new Extended(value, sibling) : value;
        reportVerdict(run.report, compiled, compiled.holds(focus, run.environment, chosen ?? type));
      };
    });
}

/** Those the walk of the base rules knows by heart. */
const NATIVE = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'dom-6', 'ref-1']);

const typeInvariants = ({ path, types }: ElementRule, profile: Structure): ElementRule['invariants'] =>
  (path.includes('.') ? types.map(({ code }) => code) : [profile.type]).flatMap(
    (type) => structure(type)?.elements[0]?.invariants ?? [],
  );
