import { edits } from '../comparators/edits.ts';
import { jaroWinklerFrom } from '../comparators/jaro-winkler.ts';
import type { FamilyName, Features, GivenName } from '../features/types.ts';
import type { LevelOf } from '../model/types.ts';
import { isKnownGivenName } from '../names/given-names.ts';
import { areNicknames } from '../names/nicknames.ts';

type GivenLevel = LevelOf<'given'>;
type FamilyLevel = LevelOf<'family'>;

const GIVEN_ORDER: readonly GivenLevel[] = [
  'exact',
  'nickname',
  'typo',
  'sounds',
  'similar',
  'initial',
  'middle',
  'swapped',
  'half',
  'differs',
];
const FAMILY_ORDER: readonly FamilyLevel[] = ['exact', 'part', 'typo', 'sounds', 'differs'];

export interface NameLevels {
  readonly given: GivenLevel | undefined;
  readonly family: FamilyLevel | undefined;
  /** What agreed exactly, for its frequency. */
  readonly givenValue: string | undefined;
  /** What looks like a slip in the given name may be another name as well: neither is established, or they begin differently. */
  readonly givenDoubt: boolean;
  readonly familyValue: string | undefined;
}

/** Given and family names together, because the two are often exchanged. The best pair of all names of both sides counts. */
export function compareNames(a: Features, b: Features): NameLevels {
  let given = bestGiven(a.given, b.given);
  const family = bestFamily(a.family, b.family);
  if (given?.level === 'differs' && usesMiddle(a, b)) given = { level: 'middle' };
  const straight =
    (given === undefined || given.level !== 'differs') &&
    (family === undefined || family.level !== 'differs');
  if (!straight) {
    const there = crossed(a.given, b.family);
    const back = crossed(b.given, a.family);
    if (there && back)
      return {
        given: 'swapped',
        family: undefined,
        givenValue: undefined,
        givenDoubt: false,
        familyValue: undefined,
      };
    if ((there || back) && given?.level === 'differs') given = { level: 'half' };
  }
  return {
    given: given?.level,
    family: family?.level,
    givenValue: given?.value,
    givenDoubt: given?.doubt === true,
    familyValue: family?.value,
  };
}

interface Found<Level> {
  readonly level: Level;
  readonly doubt?: boolean;
  readonly value?: string;
}

/** The better of two; of two alike the one without doubt, then the first by its name, so that it does not matter who is looked at first. */
function better<Level>(
  order: readonly Level[],
  one: Found<Level> | undefined,
  other: Found<Level>,
): Found<Level> {
  if (!one) return other;
  const [first, second] = [order.indexOf(one.level), order.indexOf(other.level)];
  if (first !== second) return first < second ? one : other;
  if (one.doubt !== other.doubt) return one.doubt === true ? other : one;
  return (other.value ?? '\uffff') < (one.value ?? '\uffff') ? other : one;
}

function bestGiven(as: readonly GivenName[], bs: readonly GivenName[]): Found<GivenLevel> | undefined {
  let best: Found<GivenLevel> | undefined;
  for (const a of as) {
    for (const b of bs) {
      const level = givenLevel(a, b);
      const found =
        level === 'exact' ? { level, value: a.text } : { level, doubt: isDoubtful(level, a.text, b.text) };
      best = better(GIVEN_ORDER, best, found);
    }
  }
  return best;
}

function isDoubtful(level: GivenLevel, a: string, b: string): boolean {
  if (level !== 'typo' && level !== 'sounds') return false;
  return a[0] !== b[0] || (!isKnownGivenName(a) && !isKnownGivenName(b));
}

/** Two texts of names: one slip of the hand in a short one, two in a longer. */
const slips = (a: string, b: string): boolean =>
  edits(a, b, 2) <= (Math.min(a.length, b.length) >= 6 ? 2 : 1);

function givenLevel(a: GivenName, b: GivenName): GivenLevel {
  if (a.text === b.text && a.text.length > 1) return 'exact';
  // Two who write the same initial may still have two names.
  if (a.text.length === 1 || b.text.length === 1) return a.text[0] === b.text[0] ? 'initial' : 'differs';
  if (areNicknames(a.text, b.text)) return 'nickname';
  const twoNames = isKnownGivenName(a.text) && isKnownGivenName(b.text);
  if (slips(a.text, b.text)) return twoNames ? 'similar' : 'typo';
  const likeness = jaroWinklerFrom(a.text, b.text, 0.7);
  if (likeness >= 0.9) return twoNames ? 'similar' : 'typo';
  if (a.sound === b.sound && a.sound.length >= 2 && likeness >= 0.7) return twoNames ? 'similar' : 'sounds';
  return likeness >= 0.86 ? 'similar' : 'differs';
}

/** One is called by what is the other's middle name. */
function usesMiddle(a: Features, b: Features): boolean {
  return (
    a.given.some(({ text }) => text.length > 1 && b.middle.includes(text)) ||
    b.given.some(({ text }) => text.length > 1 && a.middle.includes(text))
  );
}

/** Whether a given name of one is a family name of the other. */
function crossed(given: readonly GivenName[], family: readonly FamilyName[]): boolean {
  return given.some(
    ({ text }) =>
      text.length >= 3 &&
      family.some((other) => other.text === text || (text.length >= 5 && slips(other.text, text))),
  );
}

const isPast = ({ kind }: FamilyName): boolean => kind === 'old' || kind === 'maiden';

/**
 * Names in use against each other, then against former ones (a name changed: no more than `part`). Two former names alone say nothing where
 * both have names in use: sisters have one maiden name.
 */
function bestFamily(as: readonly FamilyName[], bs: readonly FamilyName[]): Found<FamilyLevel> | undefined {
  let best: Found<FamilyLevel> | undefined;
  const bothInUse = as.some((a) => !isPast(a)) && bs.some((b) => !isPast(b));
  for (const a of as) {
    for (const b of bs) {
      const past = isPast(a) || isPast(b);
      if (past && bothInUse && isPast(a) && isPast(b)) continue;
      const level = familyLevel(a, b);
      const found: Found<FamilyLevel> =
        past && level.level === 'exact' ? { level: 'part', value: a.text } : level;
      best = better(FAMILY_ORDER, best, found);
    }
  }
  return best;
}

function familyLevel(a: FamilyName, b: FamilyName): Found<FamilyLevel> {
  if (a.text === b.text) return { level: 'exact', value: a.text };
  const shared = sharedPart(a, b);
  if (shared !== undefined) return { level: 'part', value: shared };
  if (slips(a.text, b.text)) return { level: 'typo' };
  const likeness = jaroWinklerFrom(a.text, b.text, 0.7);
  if (likeness >= 0.92) return { level: 'typo' };
  if (a.sound === b.sound && a.sound.length >= 2 && likeness >= 0.7) return { level: 'sounds' };
  return { level: 'differs' };
}

/** A part of a double name that stands alone on the other side, or in another double name. */
function sharedPart(a: FamilyName, b: FamilyName): string | undefined {
  if (a.parts === undefined && b.parts === undefined) return undefined;
  const others = b.parts ?? [b.text];
  let shared: string | undefined;
  for (const part of a.parts ?? [a.text]) {
    if (part.length < 3) continue;
    for (const other of others) {
      if (
        other.length < 3 ||
        !(other === part || (Math.min(part.length, other.length) >= 5 && edits(part, other, 1) <= 1))
      )
        continue;
      // The same one, whichever of the two names comes first.
      const one = part < other ? part : other;
      if (shared === undefined || one < shared) shared = one;
    }
  }
  return shared;
}

/** Middle names: an initial agrees with what it can stand for. */
export function compareMiddle(a: readonly string[], b: readonly string[]): LevelOf<'middle'> | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  let best: LevelOf<'middle'> = 'differs';
  for (const one of a) {
    for (const other of b) {
      if (one === other && one.length > 1) return 'exact';
      const initial = (one.length === 1 || other.length === 1) && one[0] === other[0];
      if (initial) best = 'initial';
      else if (
        best === 'differs' &&
        one.length > 1 &&
        other.length > 1 &&
        (slips(one, other) || jaroWinklerFrom(one, other, 0.9) >= 0.9)
      )
        best = 'close';
    }
  }
  return best;
}

/** Mother's maiden name. */
export function compareMother(a: string | undefined, b: string | undefined): LevelOf<'mother'> | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 'exact';
  return slips(a, b) || jaroWinklerFrom(a, b, 0.92) >= 0.92 ? 'close' : 'differs';
}
