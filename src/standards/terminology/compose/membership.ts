import { TerminologyError } from '../errors.ts';
import { groupBy } from '../group.ts';
import type { Context, Resolved } from '../operations/context.ts';
import type { CodeSystemView } from '../types.ts';
import { meetsVersion } from '../versions.ts';
import { type Compose, composeOf, type Include } from './model.ts';
import { and, not, or, type Verdict } from './verdict.ts';

export interface Member {
  readonly system: string;
  /** The version that the code is meant in; any where it is left out. */
  readonly version?: string;
  readonly code: string;
}

/** Why it cannot be told whether a code is in a value set. */
export type Cause =
  | { readonly kind: 'code-system'; readonly resolved: Resolved }
  | { readonly kind: 'value-set'; readonly canonical: string }
  | { readonly kind: 'withheld'; readonly url: string; readonly valueSet: string }
  /** Only a part of the code system is there. */
  | { readonly kind: 'part'; readonly url: string };

export interface MembershipOptions {
  readonly context: Context;
  readonly isActiveOnly?: boolean;
  /** Gets what is missing where the answer is not known. */
  readonly causes?: (cause: Cause) => void;
}

interface Run extends MembershipOptions {
  /** Value sets within which the question came up. */
  readonly within: readonly string[];
}

/** Value sets may be composed of others, those of others, and so on. */
const MAX_DEPTH = 20;

/** Which of the codes are in a value set (R4 valueset.html#compositions). Answers stand in the order of the codes; a value set that contains itself adds nothing to itself. */
export const membersOf = (
  compose: Compose,
  members: readonly Member[],
  options: MembershipOptions,
): Promise<readonly Verdict[]> => inCompose(compose, members, { ...options, within: [] });

async function inCompose(
  compose: Compose,
  members: readonly Member[],
  run: Run,
): Promise<readonly Verdict[]> {
  const inner: Run = {
    ...run,
    within: [...run.within, compose.canonical],
    isActiveOnly: run.isActiveOnly === true || compose.isActiveOnly,
  };
  const included = await verdictsOf(compose.includes, compose, members, inner);
  const excluded = await verdictsOf(compose.excludes, compose, members, { ...inner, isActiveOnly: false });
  return members.map((_, at) =>
    and([or(included.map((one) => one[at])), not(or(excluded.map((one) => one[at])))]),
  );
}

async function verdictsOf(
  includes: readonly Include[],
  compose: Compose,
  members: readonly Member[],
  run: Run,
): Promise<readonly (readonly Verdict[])[]> {
  const all: (readonly Verdict[])[] = [];
  for (const include of includes) all.push(await inInclude(include, compose, members, run));
  return all;
}

async function inInclude(
  include: Include,
  compose: Compose,
  members: readonly Member[],
  run: Run,
): Promise<readonly Verdict[]> {
  await run.context.step(true);
  const parts: (readonly Verdict[])[] = [];
  if (include.system !== undefined)
    parts.push(await inSystem(include, include.system, { compose, members, run }));
  for (const canonical of include.valueSets) {
    const asked = members.filter((_, at) => parts.every((part) => part[at] !== false));
    const found = await inImported(canonical, compose, asked, run);
    const byMember = new Map(asked.map((member, at) => [member, found[at]]));
    parts.push(members.map((member) => (byMember.has(member) ? byMember.get(member) : false)));
  }
  return members.map((_, at) => (parts.length === 0 ? false : and(parts.map((part) => part[at]))));
}

async function inImported(
  canonical: string,
  compose: Compose,
  members: readonly Member[],
  run: Run,
): Promise<readonly Verdict[]> {
  const definition = compose.contained.get(canonical) ?? (await run.context.valueSet(canonical));
  const { causes, within } = run;
  if (!definition) {
    causes?.({ kind: 'value-set', canonical });
    return members.map(() => undefined);
  }
  const imported = composeOf(definition);
  if (compose.contained.get(canonical) === undefined) {
    if (within.includes(imported.canonical)) return members.map(() => false);
    run.context.usedValueSets.add(imported.canonical);
  }
  if (within.length >= MAX_DEPTH)
    throw new TerminologyError('too-costly', 'The value set is composed of too many levels of others');
  return inCompose(imported, members, run);
}

interface InSystem {
  readonly compose: Compose;
  readonly members: readonly Member[];
  readonly run: Run;
}

async function inSystem(
  include: Include,
  system: string,
  { compose, members, run }: InSystem,
): Promise<readonly Verdict[]> {
  const mine = members.filter((member) => member.system === system);
  if (mine.length === 0) return members.map(() => false);
  if (include.isWithheld) {
    run.causes?.({ kind: 'withheld', url: system, valueSet: compose.canonical });
    return members.map((member) => (member.system === system ? undefined : false));
  }
  const resolved = await run.context.codeSystem(system, include.version);
  run.context.use(resolved);
  const verdicts = new Map<Member, Verdict>();
  // A version that the include leaves open is the code's own.
  const isOpen = resolved.by === 'none' || resolved.by === 'default' || resolved.by === 'check';
  for (const [version, group] of groupBy(mine, ({ version }) => version)) {
    const isOwn = version === undefined || version === resolved.view?.version;
    const own = isOwn ? resolved : await run.context.codeSystemOf(system, version);
    const isMeant =
      own === resolved ||
      isOpen ||
      (resolved.wanted !== undefined && meetsVersion(resolved.wanted, version ?? ''));
    const found = isMeant ? await inVersion(include, own, group, run) : group.map(() => false);
    for (const [at, member] of group.entries()) verdicts.set(member, found[at]);
  }
  return members.map((member) => (verdicts.has(member) ? verdicts.get(member) : false));
}

async function inVersion(
  include: Include,
  resolved: Resolved,
  members: readonly Member[],
  run: Run,
): Promise<readonly Verdict[]> {
  const { view } = resolved;
  if (!view || view.content === 'not-present') return withoutSystem(include, resolved, members, run);
  const codes = members.map(({ code }) => code);
  const concepts = await view.find(codes);
  const listed = include.concepts && codesListed(include.concepts, view);
  const meeting = include.filters.length === 0 ? undefined : await view.matching(codes, include.filters);
  return members.map(({ code }) => {
    const concept = concepts.get(code);
    const isListed = listed?.has(fold(view, concept?.code ?? code)) ?? true;
    if (!concept) return isListed && beyond(view, meeting !== undefined, run);
    if (run.isActiveOnly === true && !concept.isActive) return false;
    return isListed && (meeting?.has(code) ?? true);
  });
}

/**
 * A code that the code system lacks is none of it. Where only a part of the code system is there, the code may be of the rest: that is enough where all codes or a list are
 * included, while a filter would have to know more of it.
 */
function beyond(view: CodeSystemView, isFiltered: boolean, run: Run): Verdict {
  if (view.content === 'complete') return false;
  if (!isFiltered) return true;
  run.causes?.({ kind: 'part', url: view.url });
  return undefined;
}

/** A list says what is in it whether or not its code system is at hand; anything else does not. */
function withoutSystem(
  include: Include,
  resolved: Resolved,
  members: readonly Member[],
  run: Run,
): readonly Verdict[] {
  const listed = include.concepts && new Set(include.concepts.map(({ code }) => code));
  if (!listed) {
    run.causes?.({ kind: 'code-system', resolved });
    return members.map(() => undefined);
  }
  return members.map(({ code }) => listed.has(code));
}

const fold = ({ isCaseSensitive }: CodeSystemView, code: string): string =>
  isCaseSensitive ? code : code.toLowerCase();

const codesListed = (concepts: NonNullable<Include['concepts']>, view: CodeSystemView): ReadonlySet<string> =>
  new Set(concepts.map(({ code }) => fold(view, code)));
