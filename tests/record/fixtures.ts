import { patientReference, type RecordWrite, resourceId } from '../../src/clinical/record/index.ts';

export const ada = { authority: '2.16.840.1.113883.19.5', identifier: 'MRN-1001' };
export const ben = { authority: '2.16.840.1.113883.19.5', identifier: 'MRN-1002' };

export const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 3, 10, minute));

/** An Observation of the laboratory as a mapping would write it. */
export function observation(
  key: string,
  parts: Partial<RecordWrite> & { minute?: number; patient?: typeof ada } = {},
): RecordWrite {
  const { minute = 0, patient = ada, ...rest } = parts;
  return {
    type: 'Observation',
    id: resourceId('Observation', 'lab', key),
    key,
    origin: { system: 'lab', patient, messageId: 7, eventTime: at(minute) },
    set: {
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }] },
      subject: { reference: patientReference(patient) },
      effectiveDateTime: '2026-03-03',
      'value[x]': { Quantity: { value: 98, unit: 'mg/dL' } },
    },
    ...rest,
  };
}
