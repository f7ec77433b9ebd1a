import { authoritySystem } from '../../source-patients/index.ts';
import { SYSTEM_AUTHORITY } from '../ids.ts';
import { standingOf } from '../write/batch.ts';
import type { Current } from '../write/lock.ts';
import type { Content } from '../write/slot.ts';
import { encodeContent } from '../write/version.ts';
import { composePerson, composeReplaced, type Member, type PersonView } from './survivorship.ts';

/** A source patient as it stands behind a person today. */
export interface Known {
  readonly id: string;
  readonly person_id: string;
  readonly authority: string;
  readonly identifier: string;
  readonly retired_into: string | null;
  /** Persons of whom it may be another number. */
  readonly duplicates: readonly string[];
}

/** The persons of these, with what their sources say. */
export function personsOf(known: readonly Known[], standings: ReadonlyMap<string, Current>): PersonView[] {
  const persons = new Map<string, { members: Member[]; duplicates: Set<string> }>();
  for (const one of known) {
    const person = persons.get(one.person_id) ?? { members: [], duplicates: new Set() };
    person.members.push(memberOf(one, standings.get(one.id)));
    for (const other of one.duplicates) if (other !== one.person_id) person.duplicates.add(other);
    persons.set(one.person_id, person);
  }
  return [...persons].map(([id, { members, duplicates }]) => ({
    id,
    members,
    duplicates: [...duplicates].sort(),
  }));
}

function memberOf(
  { id, authority, identifier, retired_into: into }: Known,
  standing: Current | undefined,
): Member {
  return {
    id,
    isRetired: into !== null,
    ...(authority.startsWith(SYSTEM_AUTHORITY)
      ? {}
      : { number: { system: authoritySystem(authority), value: identifier } }),
    ...(standing ? { statement: standingOf(standing) } : {}),
  };
}

/** Whether its Patient is what its one source says. */
export const isPlain = ({ id, members, duplicates }: PersonView): boolean =>
  members.length === 1 && members[0]?.id === id && !members[0].isRetired && duplicates.length === 0;

interface Desired {
  readonly content: { readonly parsed: Content; readonly bytes: Buffer };
  /** What the statements that it is made of break; places are those of the statements. */
  readonly issues: string | null;
  /** Source patients of whom it tells, beside its own. */
  readonly contributors: readonly string[];
}

/** What is published of one of a person's source patients. */
export function desiredOf(id: string, person: PersonView, standings: ReadonlyMap<string, Current>): Desired {
  if (id !== person.id) {
    const own = person.members.find((member) => member.id === id);
    return {
      content: encoded(composeReplaced(id, person.id, own?.statement)),
      issues: null,
      contributors: [],
    };
  }
  const members = person.members.map((member) => member.id);
  return {
    content: encoded(composePerson(person)),
    issues: issuesOf(members.flatMap((member) => standings.get(member)?.row.issues ?? [])),
    contributors: members.filter((member) => member !== id),
  };
}

const encoded = (content: Content) => ({ parsed: content, bytes: encodeContent(content) });

function issuesOf(texts: readonly string[]): string | null {
  const issues = new Map(
    texts.flatMap((text) =>
      (JSON.parse(text) as unknown[]).map((issue) => [JSON.stringify(issue), issue] as const),
    ),
  );
  return issues.size === 0 ? null : JSON.stringify([...issues.values()]);
}
