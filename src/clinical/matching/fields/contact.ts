import { edits } from '../comparators/edits.ts';
import type { LevelOf } from '../model/types.ts';

/** Phone numbers, ten digits or what there is; the area code of one may be missing on the other. */
export function comparePhones(as: readonly string[], bs: readonly string[]): LevelOf<'phone'> | undefined {
  if (as.length === 0 || bs.length === 0) return undefined;
  let best: LevelOf<'phone'> = 'differs';
  for (const a of as) {
    for (const b of bs) {
      if (a === b || (a.length !== b.length && a.slice(-7) === b.slice(-7))) return 'exact';
      if (best === 'differs' && (edits(a, b, 1) <= 1 || a.slice(-7) === b.slice(-7))) best = 'edit';
    }
  }
  return best;
}

/** E-mail addresses; close when the name before the @ is the same or nearly the whole is. */
export function compareEmails(as: readonly string[], bs: readonly string[]): LevelOf<'email'> | undefined {
  if (as.length === 0 || bs.length === 0) return undefined;
  let best: LevelOf<'email'> = 'differs';
  for (const a of as) {
    for (const b of bs) {
      if (a === b) return 'exact';
      if (best === 'differs' && likeEmail(a, b)) best = 'close';
    }
  }
  return best;
}

function likeEmail(a: string, b: string): boolean {
  const one = a.slice(0, a.indexOf('@'));
  const other = b.slice(0, b.indexOf('@'));
  if (one === other) return one.length >= 6;
  return a.length >= 10 && edits(a, b, 3) <= 3;
}

/** Next of kin and guardians; `given` when the family names differ or one is missing. Contacts change, so that others are little evidence. */
export function compareContacts(
  as: readonly string[],
  bs: readonly string[],
): LevelOf<'contact'> | undefined {
  if (as.length === 0 || bs.length === 0) return undefined;
  let best: LevelOf<'contact'> = 'differs';
  for (const a of as) {
    for (const b of bs) {
      const whole = !a.startsWith(' ') && !a.endsWith(' ');
      if (a === b) {
        if (whole) return 'exact';
        best = 'given';
      } else if (!a.startsWith(' ') && a.slice(0, a.indexOf(' ')) === b.slice(0, b.indexOf(' ')))
        best = 'given';
    }
  }
  return best;
}
