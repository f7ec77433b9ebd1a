import { z } from 'zod';
import { authorityOf } from '../../clinical/source-patients/index.ts';
import { isCptOrHcpcs, isIcd10Cm, isModifier, isNpi } from './codes.ts';

/** What a platform reports of a finished visit. The text of each rule is what the sender is shown; values never are. */

const MAX_NOTE = 200_000;
const MAX_VISIT_MS = 24 * 3_600_000;

/** No control characters, no halves of surrogate pairs: neither a database nor a message holds them. */
const PLAIN = /^[^\p{Cc}\p{Surrogate}]*$/u;
const text = (maximum: number) =>
  z.string().trim().min(1).max(maximum).regex(PLAIN, { error: 'no control characters' });
/** The same with line ends and tabs. */
const NOTE = /^(?:[^\p{Cc}\p{Surrogate}]|[\r\n\t])*$/u;
const lines = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NOTE)
  .regex(NOTE, { error: 'no control characters but line ends and tabs' });
/** An instant with its offset. */
const instant = z.iso.datetime({
  offset: true,
  error: 'an instant with its offset, 2026-03-10T14:00:00-04:00',
});

const patient = z.strictObject({
  identifier: text(100),
  /** An OID, or the name that the configuration gives the authority; `urn:oid:` may stand before it. */
  authority: text(200).transform((authority) => authorityOf({ namespace: '', universalId: authority }, {})),
  family: text(100).optional(),
  given: text(100).optional(),
  birthDate: z.iso.date({ error: 'a date, YYYY-MM-DD' }).optional(),
  gender: z
    .enum(['female', 'male', 'other', 'unknown'], { error: 'female, male, other or unknown' })
    .optional(),
});

const performer = z.strictObject({
  npi: z.string().refine(isNpi, { error: 'a National Provider Identifier with a valid check digit' }),
  family: text(100),
  given: text(100).optional(),
});

const procedure = z.strictObject({
  code: z.string().refine(isCptOrHcpcs, { error: 'a code of the shape of CPT or HCPCS level II' }),
  modifiers: z
    .array(z.string().refine(isModifier, { error: 'two digits or capitals' }))
    .max(4, { error: 'at most four modifiers' })
    .default([]),
  units: z.number().int().min(1).max(999).default(1),
});

export const visitReport = z
  .strictObject({
    /** What the report is, for lists and the timeline. It may be left out: this schema is for nothing else. */
    type: z.literal('VisitReport', { error: 'VisitReport, or left out' }).optional(),
    patient,
    /** The platform's own number of the visit; without it the appointment, or else the idempotency key, stands for the visit. */
    encounter: z.strictObject({ identifier: text(64) }).optional(),
    appointment: z
      .string()
      .regex(/^Appointment\/[A-Za-z0-9\-.]{1,64}$/, { error: 'a reference, Appointment/id' })
      .optional(),
    start: instant,
    end: instant,
    placeOfService: z.enum(['02', '10'], { error: '02 or 10: where the patient was' }),
    performer,
    note: z.strictObject({ text: lines }),
    diagnoses: z
      .array(
        z.strictObject({ code: z.string().refine(isIcd10Cm, { error: 'a code of the shape of ICD-10-CM' }) }),
      )
      .min(1, { error: 'at least one diagnosis' })
      .max(12, { error: 'at most twelve diagnoses, as a claim takes' }),
    procedures: z.array(procedure).max(50, { error: 'at most 50 procedures' }).default([]),
  })
  .superRefine(({ start, end, diagnoses }, context) => {
    const duration = Date.parse(end) - Date.parse(start);
    if (duration <= 0) context.addIssue({ code: 'custom', path: ['end'], message: 'later than start' });
    if (duration > MAX_VISIT_MS)
      context.addIssue({ code: 'custom', path: ['end'], message: 'within 24 hours of start' });
    if (new Set(diagnoses.map(({ code }) => code)).size < diagnoses.length) {
      context.addIssue({ code: 'custom', path: ['diagnoses'], message: 'each diagnosis once' });
    }
  });

export type VisitReport = z.infer<typeof visitReport>;
