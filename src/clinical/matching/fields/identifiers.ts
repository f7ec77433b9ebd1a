import { edits } from '../comparators/edits.ts';
import type { IdentifierFeature } from '../features/types.ts';
import type { LevelOf } from '../model/types.ts';

export interface IdentifierLevels {
  readonly ssn: LevelOf<'ssn'> | undefined;
  readonly identifier: LevelOf<'identifier'> | undefined;
  readonly insurance: LevelOf<'insurance'> | undefined;
  /** The same number of an authority that gives it to one person. */
  readonly trustedSame: boolean;
  /** Two numbers of an authority that gives one to a person. */
  readonly otherNumber: boolean;
}

const SSN_ORDER: readonly LevelOf<'ssn'>[] = ['exact', 'edit', 'last4', 'differs'];
const ORDER: readonly LevelOf<'identifier'>[] = ['exact', 'edit', 'differs'];

/** Identifiers are compared within one authority only; a number without an authority says nothing when it differs. */
export function compareIdentifiers(
  as: readonly IdentifierFeature[],
  bs: readonly IdentifierFeature[],
): IdentifierLevels {
  let ssn: LevelOf<'ssn'> | undefined;
  let identifier: LevelOf<'identifier'> | undefined;
  let insurance: LevelOf<'insurance'> | undefined;
  let trustedSame = false;
  let agreed: Set<string> | undefined;
  let differed: Set<string> | undefined;
  for (const a of as) {
    for (const b of bs) {
      if (isSsn(a) && isSsn(b)) {
        ssn = better(SSN_ORDER, ssn, compareSsn(a, b));
        continue;
      }
      if (a.system !== b.system || a.kind !== b.kind || isSsn(a) || isSsn(b)) continue;
      const level = numberLevel(a.value, b.value);
      if (level === 'exact' && a.trusted === true && b.trusted === true) trustedSame = true;
      if (a.single === true && b.single === true) {
        if (level === 'exact') agreed = (agreed ?? new Set()).add(a.system);
        else differed = (differed ?? new Set()).add(a.system);
      }
      if (a.system === '') {
        // A number that nobody vouches for: a long one says something when it comes twice.
        if (level === 'exact' && a.value.length >= 8) identifier = better(ORDER, identifier, 'edit');
        continue;
      }
      if (a.kind === 'other' && a.trusted !== true) {
        // Nobody says whose number it is.
        if (level === 'exact') identifier = better(ORDER, identifier, 'edit');
        continue;
      }
      if (a.kind === 'insurance') insurance = better(ORDER, insurance, level);
      else if (level !== 'differs' || a.single === true || a.kind === 'national' || a.kind === 'driver')
        identifier = better(ORDER, identifier, level);
    }
  }
  const otherNumber = differed !== undefined && [...differed].some((system) => agreed?.has(system) !== true);
  return { ssn, identifier, insurance, trustedSame, otherNumber };
}

const isSsn = ({ kind }: IdentifierFeature): boolean => kind === 'ssn' || kind === 'ssn4';

const better = <Level>(
  order: readonly Level[],
  one: Level | undefined,
  other: Level | undefined,
): Level | undefined =>
  one === undefined || (other !== undefined && order.indexOf(other) < order.indexOf(one)) ? other : one;

function compareSsn(a: IdentifierFeature, b: IdentifierFeature): LevelOf<'ssn'> | undefined {
  if (a.kind === 'ssn4' || b.kind === 'ssn4')
    return a.value.slice(-4) === b.value.slice(-4) ? 'last4' : 'differs';
  if (a.system !== b.system) return undefined;
  if (a.value === b.value) return 'exact';
  return edits(a.value, b.value, 1) <= 1 || twoDigits(a.value, b.value) ? 'edit' : 'differs';
}

/** Numbers of authorities: a slip counts only where the number is long enough that a neighbour is not simply the next one handed out. */
function numberLevel(a: string, b: string): LevelOf<'identifier'> {
  if (a === b) return 'exact';
  return a.length >= 8 && b.length >= 8 && edits(a, b, 2) <= 2 ? 'edit' : 'differs';
}

/** Two of the digits differ, in place. */
function twoDigits(a: string, b: string): boolean {
  if (a.length !== b.length) return edits(a, b, 2) <= 2;
  let count = 0;
  for (let at = 0; at < a.length; at += 1) if (a.charCodeAt(at) !== b.charCodeAt(at)) count += 1;
  return count <= 2;
}
