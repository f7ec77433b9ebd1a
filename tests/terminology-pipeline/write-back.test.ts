import type { Observation } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { results } from '../../src/clinical/mapping/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';
import { Chart, written } from '../mapping/write-back-support.ts';
import { oru } from '../server/support.ts';

/** What was translated, on its way out as HL7 v2. */

const added = (code: string, equivalence: string) => ({
  ...{ system: 'http://snomed.info/sct', code },
  extension: [
    {
      url: 'urn:isthmus:extension:translation',
      extension: [
        { url: 'map', valueCanonical: 'http://map.example|1' },
        { url: 'equivalence', valueCode: equivalence },
        { url: 'translation', valueString: 'general-to-standard' },
      ],
    },
  ],
});

test('[TU19] a translation goes out as an alternate only where it says the same', () => {
  const chart = new Chart(parseMessage(Buffer.from(oru('OUT-1'))));
  const observations = chart.all('Observation').map(
    (one): Observation => ({
      ...one,
      code: {
        ...one.code,
        coding: [...(one.code.coding ?? []), added('1', 'inexact'), added('2', 'equivalent')],
      },
    }),
  );
  const { body } = written(results, {
    patient: chart.one('Patient'),
    results: [{ report: chart.one('DiagnosticReport') }],
    related: [
      ...chart.resources.filter(({ resourceType }) => resourceType !== 'Observation'),
      ...observations,
    ],
  });
  const [obx = ''] = /OBX\|.*/.exec(Buffer.from(body).toString()) ?? [];
  expect(obx.split('|')[3]).toBe('2345-7^Glucose^LN^2^^SCT');
});
