import { z } from 'zod';
import { sourcePatientOf } from '../../../clinical/source-patients/index.ts';
import type { StepKind } from '../../../exchange/channels/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';

/**
 * `identify()`: whose message this is. A message about a patient without a usable identifier (PID-3) is parked with its place, because
 * what it says could be put down to nobody; one without a PID is about no patient and goes on.
 */
export const identifyStep: StepKind<Record<string, never>> = {
  name: 'identify',
  options: z.strictObject({}) as z.ZodType<Record<string, never>>,
  create: (_options, { authority }) => {
    const rules = authority === undefined ? {} : { defaultAuthority: authority };
    return (work) => {
      const { message } = work;
      if (!message.isHl7) return { outcome: 'next', work: [work] };
      const parsed = message.hl7();
      if (!parsed.segment('PID')) return { outcome: 'next', work: [work] };
      const patient = sourcePatientOf(parsed, rules);
      if (!patient)
        return {
          outcome: 'park',
          error: new IsthmusError('HL7_MISSING_FIELD', {
            place: 'PID-3',
            rule: 'an identifier of the patient',
          }),
        };
      return { outcome: 'next', work: [{ ...work, facts: { ...work.facts, patient } }] };
    };
  },
};
