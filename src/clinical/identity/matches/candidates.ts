import type { Queryable } from '../../../foundation/database/index.ts';
import type { Features } from '../../matching/index.ts';
import type { Seen } from './features.ts';
import * as statements from './sql.ts';

/** So many bearers of one key are looked at. */
const MAX_BEARERS = 200;
/** So many candidates are compared with, those with the rarest keys in common first. */
const MAX_CANDIDATES = 64;

/** Who looks for others. */
export interface Asker {
  /** Its own number, when it has one: it is not its own candidate. */
  readonly number?: number;
  readonly keys: readonly string[];
}

export interface Found {
  /** Everybody behind the persons of the candidates, by person. */
  readonly persons: ReadonlyMap<string, readonly Seen[]>;
  /** For each asker the persons of its candidates, best first. */
  readonly candidates: readonly (readonly string[])[];
  /** Askers of whom a key was too common to look at all its bearers. */
  readonly cut: ReadonlySet<number>;
}

interface MemberRow {
  readonly number: number;
  readonly source: string;
  readonly person: string;
  readonly features: string;
}

/** The persons with whom the askers may be the same, by the keys that they share. `also`: source patients whose persons are wanted besides. */
export async function findPersons(
  queryable: Queryable,
  askers: readonly Asker[],
  also: readonly string[] = [],
): Promise<Found> {
  const asked = askers.flatMap(({ keys }, n) => keys.map((key) => ({ n, key })));
  const rows =
    asked.length === 0
      ? []
      : await queryable.query<{ n: number; number: number; is_cut: boolean }>(statements.findCandidates, [
          asked.map(({ n }) => n),
          asked.map(({ key }) => key),
          MAX_BEARERS,
          MAX_CANDIDATES + 1,
        ]);
  const others = rows.filter(({ n, number }) => askers[n]?.number !== number);
  const members = await readMembersOf(queryable, [...new Set(others.map(({ number }) => number))], also);
  const personOf = new Map(members.map((member) => [member.number, member.person]));
  const candidates = askers.map(() => new Set<string>());
  for (const { n, number } of others) {
    const person = personOf.get(number);
    if (person !== undefined) candidates[n]?.add(person);
  }
  return {
    persons: byPerson(members),
    candidates: candidates.map((one) => [...one]),
    cut: new Set(rows.flatMap(({ n, is_cut: isCut }) => (isCut ? [n] : []))),
  };
}

export async function readMembersOf(
  queryable: Queryable,
  numbers: readonly number[],
  also: readonly string[],
): Promise<Seen[]> {
  if (numbers.length === 0 && also.length === 0) return [];
  const rows = await queryable.query<MemberRow>(statements.readMembers, [numbers, also]);
  return rows.map(({ features, ...row }) => ({ ...row, features: JSON.parse(features) as Features }));
}

function byPerson(members: readonly Seen[]): Map<string, Seen[]> {
  const persons = new Map<string, Seen[]>();
  for (const member of members) {
    const known = persons.get(member.person);
    if (known) known.push(member);
    else persons.set(member.person, [member]);
  }
  return persons;
}
