import { InvalidArgumentError } from 'commander';

/** What options and arguments may be. Commander shows the text with the option's name and ends with code 2. */

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text)) return value;
  throw new InvalidArgumentError('a whole number is expected.');
}

export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('a number above 0 is expected.');
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment: ISO 8601 (`2026-03-10T14:00:00Z`, `2026-03-10`), or how long ago (`15m`, `2h`, `3d`). */
export function moment(text: string): Date {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  if (ago) return new Date(Date.now() - Number(ago[1]) * (unitMs[ago[2] ?? ''] ?? 0));
  const at = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError(
    'a moment as 2026-03-10T14:00:00Z, or how long ago as 15m, 2h or 3d, is expected.',
  );
}

/** A reason is kept in the audit trail; it must say something, and it is no place for a patient's data. */
export function reason(text: string): string {
  const said = text.trim();
  if (said.length >= 3 && said.length <= 500) return said;
  throw new InvalidArgumentError('a reason of 3 to 500 characters is expected.');
}

export const reasonHelp = 'Why; kept in the audit trail. No names of patients.';
export const jsonHelp = 'Print one JSON document.';
