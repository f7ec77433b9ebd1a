/**
 * Who stands behind whom: persons, and the decisions that link, merge, move and part them (docs/design/identity.md, rules ID1 ff.).
 *
 * It promises: a decision is one append-only event with actor and reason, and takes effect as a whole or not at all; taken back, everything is as it
 * was, also what arrived in between, because what each source says is kept apart and a resource keeps its source patient for ever; a retired
 * number leads to the one in its place; followers of the change feed hear of every resource whose person has changed.
 * It never does: change what a source says, rewrite whom a resource is about, bring together whom a person has decided not to be the same, or
 * decide by itself that two are.
 */
import type { Migration } from '../../foundation/database/index.ts';
import persons from './migrations/0080_persons.sql';
import matching from './migrations/0081_matching.sql';
import settings from './migrations/0082_settings.sql';

export const migrations: Migration[] = [
  { number: 80, name: 'persons', text: persons },
  { number: 81, name: 'matching', text: matching },
  { number: 82, name: 'identity-settings', text: settings },
];

export type { Hold, Holding } from './holds/hold.ts';
export type { Overlay, Told } from './holds/overlays.ts';
export { createIdentity, type Identity, type IdentityOptions, type IdentitySettings } from './identity.ts';
export { keysOf as matchingKeys } from './matches/features.ts';
export type { Match, Matching } from './matches/match.ts';
export type { Observation, Observed } from './matches/types.ts';
export type { Merging } from './merging.ts';
export type { CarryingOut } from './messages/carry-out.ts';
export {
  faultOf,
  moved,
  planLink,
  planMerge,
  planMove,
  planUndo,
  planUnlink,
  type Standings,
} from './moves.ts';
export { hasNumbers, type KnownNumber, numbersOf } from './numbers.ts';
export {
  createPersons,
  historyOf,
  type Persons,
  type PersonsOptions,
  personOf,
  sourcesOf,
} from './persons.ts';
export { type Estimated, estimateModel } from './reconcile/estimate.ts';
export type { Reconciled, ReconcileOptions, ReconcileProgress } from './reconcile/reconcile.ts';
export type { Answer, Answered, Answering } from './reviews/decide.ts';
export type { Line, Side, SideBySide } from './reviews/side-by-side.ts';
export type { ReviewFilter } from './reviews/store.ts';
export type { Review, ReviewKind } from './reviews/types.ts';
export {
  type Adoption,
  adoptedModel,
  adoptModel,
  dropModel,
  keepSettings,
  settingsInForce,
} from './settings.ts';
export type { Decision, EventKind, IdentityChange, IdentityEventRecord, Move, Standing } from './types.ts';
export { obstacleTo } from './undo.ts';
