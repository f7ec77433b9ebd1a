import { IsthmusError } from '../../../foundation/errors/index.ts';
import { dateInterval } from '../../../standards/fhir/index.ts';

/** Groups within groups: how deep and how many are followed. */
const MAX_DEPTH = 5;
const MAX_GROUPS = 1_000;
const MAX_MEMBERS = 200_000;

interface Member {
  readonly entity?: { readonly reference?: unknown };
  readonly inactive?: unknown;
  readonly period?: { readonly start?: unknown; readonly end?: unknown };
}
interface Group {
  readonly type?: unknown;
  readonly actual?: unknown;
  readonly member?: readonly Member[];
}

/** Reads Groups by id; those that are not there, or not seen, are left out. */
export type ReadGroups = (ids: readonly string[]) => Promise<readonly unknown[]>;

/**
 * What keeps a Group from being exported, as a rule; undefined when nothing does. A definition (`actual` false) names criteria and no members:
 * who fits them is not for this server to decide.
 */
export function obstacleOf(group: unknown): string | undefined {
  const { type, actual } = group as Group;
  if (actual !== true) return 'a Group that names its members (actual true)';
  return type === 'person' ? undefined : 'a Group of persons';
}

/**
 * Ids of the patients who are members at an instant, also by groups that are members. Who is inactive or whose period does not hold the instant
 * is none. Throws TOO_LARGE.
 */
export async function membersOf(group: string, at: Date, read: ReadGroups): Promise<string[]> {
  const patients = new Set<string>();
  const known = new Set([group]);
  let wave: readonly string[] = [group];
  for (let depth = 0; depth < MAX_DEPTH && wave.length > 0; depth++) {
    const found = (await read(wave)).filter((one) => obstacleOf(one) === undefined);
    const references = found.flatMap((one) => activeReferences(one as Group, at));
    for (const id of idsOf('Patient', references)) patients.add(id);
    wave = idsOf('Group', references).filter((id) => !known.has(id));
    for (const id of wave) known.add(id);
    if (known.size > MAX_GROUPS || patients.size > MAX_MEMBERS)
      throw new IsthmusError('TOO_LARGE', { place: 'Group.member', rule: `at most ${MAX_MEMBERS} members` });
  }
  if (wave.length > 0)
    throw new IsthmusError('TOO_LARGE', {
      place: 'Group.member',
      rule: `groups within groups at most ${MAX_DEPTH} deep`,
    });
  return [...patients];
}

const activeReferences = ({ member = [] }: Group, at: Date): string[] =>
  member
    .filter(({ inactive, period }) => inactive !== true && holds(period, at))
    .flatMap(({ entity }) => (typeof entity?.reference === 'string' ? [entity.reference] : []));

/** A date without a time is the whole day; what can't be read is no bound. */
function holds(period: Member['period'], at: Date): boolean {
  const boundOf = (text: unknown) => (typeof text === 'string' ? dateInterval(text) : undefined);
  const start = boundOf(period?.start);
  const end = boundOf(period?.end);
  return !(start && start.from > at) && !(end && end.to <= at);
}

const idsOf = (type: string, references: readonly string[]): string[] =>
  references.flatMap((reference) => {
    const [, named, id] =
      /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.+)?$/.exec(reference) ?? [];
    return named === type && id !== undefined ? [id] : [];
  });
