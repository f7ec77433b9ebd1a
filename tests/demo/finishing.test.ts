import type { Appointment, Patient } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { authority, clinicians } from '../../demo/population/index.ts';
import { finishVisit } from '../../demo/televisit/finishing.ts';
import { checkVisit } from '../../src/care/visits/index.ts';

const patient: Patient = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ system: `urn:oid:${authority}`, value: 'S1-0001' }],
};
const appointment = (id: string, npi?: string): Appointment => ({
  resourceType: 'Appointment',
  id,
  status: 'booked',
  start: '2026-01-15T09:15:00-05:00',
  minutesDuration: 20,
  participant: [
    { actor: { reference: 'Patient/p1' }, status: 'accepted' },
    ...(npi
      ? [
          {
            actor: { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: npi } },
            status: 'accepted' as const,
          },
        ]
      : []),
  ],
});

describe('a finished visit', () => {
  it('is one that the engine takes, whatever the appointment', () => {
    const places = new Set<unknown>();
    for (let number = 0; number < 200; number += 1) {
      const body = finishVisit({ appointment: appointment(`a${number}`), patient, authority });
      const { visit, mistakes } = checkVisit(JSON.parse(JSON.stringify(body)));
      expect(mistakes).toEqual([]);
      expect(visit?.type).toBe('VisitReport');
      places.add(visit?.placeOfService);
    }
    expect(places).toEqual(new Set(['02', '10']));
  });

  it('is the same for the same appointment, and signed by the clinician it was booked with', () => {
    for (const clinician of clinicians) {
      const options = { appointment: appointment('a1', clinician.npi), patient, authority };
      expect(finishVisit(options)).toEqual(finishVisit(options));
      expect(finishVisit(options)).toMatchObject({ performer: clinician });
    }
  });

  it('is none for a patient without a number of the hospital, or an appointment without a time', () => {
    const stranger = { ...patient, identifier: [{ system: 'urn:oid:1.2.3', value: 'S1-0001' }] };
    expect(finishVisit({ appointment: appointment('a1'), patient: stranger, authority })).toBeUndefined();
    const { start: _, ...timeless } = appointment('a1');
    expect(finishVisit({ appointment: timeless, patient, authority })).toBeUndefined();
  });
});
