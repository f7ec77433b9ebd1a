import type { NamedSql, Transaction } from '../../../foundation/database/index.ts';
import { openAbout } from '../reviews/store.ts';
import type { Review } from '../reviews/types.ts';
import { findPersons } from './candidates.ts';
import { type Decided, pairKey } from './decide.ts';
import { type Refreshed, refresh, type Seen } from './features.ts';
import { keptOf } from './kept.ts';
import { Round } from './round.ts';
import * as statements from './sql.ts';
import type { Observation, Observed, Observing } from './types.ts';

/**
 * Looks whether source patients of whom something was said are persons who are known already (docs/design/identity.md): one who is the same beyond
 * doubt is linked, whoever may be is marked and put to a person, and data flow on either way. Nothing that people decided is touched, and
 * nobody is parted. Within the transaction that wrote what was said.
 */
export async function observe(
  transaction: Transaction,
  observation: Observation,
  observing: Observing,
): Promise<Observed[]> {
  const refreshed = await refresh(transaction, observation.sources, { ...observing, at: observation.at });
  const looking = await lookingOf(transaction, refreshed, observation);
  if (looking.length === 0) return [];
  const sources = looking.map(({ source }) => source);
  // Of whom it was asked before is looked at again, though they may have no key in common any more.
  const open = await openAbout(transaction, sources);
  const found = await findPersons(transaction, looking, [...sources, ...open.flatMap(sidesOf)]);
  const round = new Round(found.persons, await decidedOf(transaction, found.persons), observing, observation);
  for (const [n, one] of looking.entries())
    round.look(one, [...(found.candidates[n] ?? []), ...round.personsAskedAbout(one.source, open)]);
  await round.link(transaction);
  await round.ask(transaction, looking);
  await transaction.query(statements.setCompared, [sources, observing.model.version]);
  return looking.map(({ source }) => round.outcomeOf(source));
}

const sidesOf = ({ one, other }: Pick<Review, 'one' | 'other'>): string[] => [one, other];

/** Those that changed, and when everybody is to look again, the others as they are kept. */
async function lookingOf(
  transaction: Transaction,
  refreshed: readonly Refreshed[],
  { sources, again = false }: Observation,
): Promise<readonly Refreshed[]> {
  if (!again) return refreshed;
  const done = new Set(refreshed.map(({ source }) => source));
  return [
    ...refreshed,
    ...(await keptOf(
      transaction,
      sources.filter((source) => !done.has(source)),
    )),
  ];
}

async function decidedOf(
  transaction: Transaction,
  persons: ReadonlyMap<string, readonly Seen[]>,
): Promise<Decided> {
  const sources = [...persons.values()].flatMap((members) => members.map(({ source }) => source));
  if (sources.length < 2) return { notSame: new Set(), parted: new Set() };
  return {
    notSame: await pairsOf(transaction, statements.readNotSame, sources),
    parted: await pairsOf(transaction, statements.readParted, sources),
  };
}

async function pairsOf(
  transaction: Transaction,
  statement: NamedSql,
  sources: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await transaction.query<{ one: string; other: string }>(statement, [sources]);
  return new Set(rows.map(({ one, other }) => pairKey(one, other)));
}
