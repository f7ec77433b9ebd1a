/**
 * The people and the days of the demo, made up from a seed. What it promises: the same seed and first date give the same
 * days on every machine, names that nobody takes for real, phone numbers and identifiers kept for examples. What it never
 * does: look at the clock, or draw from a source that is not seeded.
 */
export { type Clinician, clinicians, npiCheckDigit } from './clinicians.ts';
export { createDays, type Day } from './day.ts';
export type { HospitalEvent, Moment } from './events.ts';
export { authority, type Patient } from './patients.ts';
export { randomFor } from './random.ts';
