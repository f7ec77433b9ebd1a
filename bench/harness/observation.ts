/** A heart rate, as a device reports it. */
export const observationOf = (patient: string, n: number) => ({
  resourceType: 'Observation',
  status: 'preliminary',
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Heart rate' },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-11-20T10:00:00Z',
  valueQuantity: { value: 60 + (n % 40), unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});
