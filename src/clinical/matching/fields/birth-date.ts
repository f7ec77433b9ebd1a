import type { LevelOf } from '../model/types.ts';

/** Birth dates as `featuresOf` gives them; the shorter decides how far they can be compared. */
export function compareBirthDates(
  a: string | undefined,
  b: string | undefined,
): LevelOf<'birthDate'> | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a.length < 10 || b.length < 10) {
    const known = Math.min(a.length, b.length);
    return a.slice(0, known) === b.slice(0, known) ? 'partial' : 'differs';
  }
  if (a === b) return 'exact';
  const sameYear = a.slice(0, 4) === b.slice(0, 4);
  const month = a.slice(5, 7);
  const day = a.slice(8);
  if (sameYear && month === b.slice(8) && day === b.slice(5, 7)) return 'transposed';
  if (oneSlip(a, b)) return 'edit';
  const same = Number(sameYear) + Number(month === b.slice(5, 7)) + Number(day === b.slice(8));
  if (same === 2 || (sameYear && month === b.slice(8)) || (sameYear && day === b.slice(5, 7))) return 'near';
  return 'differs';
}

/** One digit differs, or two neighbouring digits changed places. */
function oneSlip(a: string, b: string): boolean {
  const one = a.replaceAll('-', '');
  const other = b.replaceAll('-', '');
  let first = -1;
  let count = 0;
  let last = -1;
  for (let at = 0; at < 8; at += 1) {
    if (one.charCodeAt(at) === other.charCodeAt(at)) continue;
    if (first < 0) first = at;
    last = at;
    count += 1;
  }
  if (count === 1) return true;
  return count === 2 && last === first + 1 && one[first] === other[last] && one[last] === other[first];
}
