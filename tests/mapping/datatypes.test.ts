import { describe, expect, test } from 'vitest';
import { mapMessage } from '../../src/clinical/mapping/index.ts';
import type { RecordWrite } from '../../src/clinical/record/index.ts';
import { evn, glucose, line, map, message, msh, options, oru, pid, pidFields, pv1 } from './messages.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
/** What an A08 makes of a patient with other fields in PID. */
const patientOf = (fields: Readonly<Record<number, string>>) => {
  const { writes, findings } = map(msh('ADT^A08'), evn('A08'), line('PID', { ...pidFields, ...fields }));
  return { patient: of(writes, 'Patient')[0]!.set, findings, writes };
};
/** The practitioners that a message with this XCN in PV1-7 names. */
const attending = (xcn: string) => {
  const visit = line('PV1', { 1: '1', 2: 'I', 7: xcn, 19: 'V-1' });
  const mapped = map(msh('ADT^A08'), evn('A08'), pid, visit);
  return { ...mapped, practitioners: of(mapped.writes, 'Practitioner') };
};

describe('datatypes', () => {
  test('[M100] a name keeps all of its parts: prefixes of the family, order, degree, period', () => {
    const { practitioners } = attending(
      '77^van der Berg&van der&Berg&de&Vries^Anna^B^Jr^Dr^MD^^LAB&1.2.3.4&ISO^L^5^M11^LN^^^^^F^20200101^2021^PhD',
    );
    expect(practitioners[0]!.set).toEqual({
      identifier: [
        {
          extension: [
            { url: `${FHIR}/identifier-checkDigit`, valueString: '5' },
            { url: `${FHIR}/namingsystem-checkDigit`, valueString: 'M11' },
          ],
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'LN' }] },
          system: 'urn:oid:1.2.3.4',
          value: '77',
          assigner: expect.objectContaining({ display: 'LAB' }),
        },
      ],
      name: [
        {
          extension: [{ url: `${FHIR}/humanname-assembly-order`, valueCode: 'F' }],
          use: 'official',
          family: 'van der Berg',
          _family: {
            extension: [
              { url: `${FHIR}/humanname-own-prefix`, valueString: 'van der' },
              { url: `${FHIR}/humanname-own-name`, valueString: 'Berg' },
              { url: `${FHIR}/humanname-partner-prefix`, valueString: 'de' },
              { url: `${FHIR}/humanname-partner-name`, valueString: 'Vries' },
            ],
          },
          given: ['Anna', 'B'],
          prefix: ['Dr'],
          suffix: ['Jr', 'MD', 'PhD'],
          period: { start: '2020-01-01', end: '2021' },
        },
      ],
      qualification: [
        { code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0360', code: 'MD' }] } },
      ],
    });
  });

  test('[M100] a period that can not be read is a finding, and the name is taken', () => {
    const { practitioners, findings } = attending('77^Berg^Anna^^^^^^^^^^^^^^^^202013');
    expect(practitioners[0]!.set.name).toEqual([{ family: 'Berg', given: ['Anna'] }]);
    expect(findings).toMatchObject([{ place: expect.stringContaining('PV1^1^7') }]);
  });

  test('[M100] what a patient is called is a nickname', () => {
    const { patient } = patientOf({ 5: 'Okafor^Ada^^^^^L^^^^^^^^Didi' });
    expect(patient.name).toMatchObject([{ family: 'Okafor' }, { use: 'nickname', given: ['Didi'] }]);
  });

  test('[M101] an assigning authority is a system to search by and an organization, the same by either of its names', () => {
    const aliases = { HOSP: '1.2.3' };
    const { writes } = mapMessage(
      message(msh('ADT^A08'), evn('A08'), line('PID', { 3: '1^^^HOSP^MR~2^^^HOSP&1.2.3&ISO^PI' })),
      { ...options, aliases },
    );
    const identifiers = of(writes, 'Patient')[0]!.set['identifier@PID-3'] as Record<string, unknown>[];
    expect(identifiers.map(({ system }) => system)).toEqual(['urn:oid:1.2.3', 'urn:oid:1.2.3']);
    const [organization, ...others] = of(writes, 'Organization');
    expect(others).toEqual([]);
    for (const { assigner } of identifiers)
      expect(assigner).toMatchObject({ reference: `Organization/${organization!.id}` });
  });

  test('[M24] who has no number is known within one patient, who has one is one', () => {
    const second = oru(glucose).slice(1);
    const named = (xcn: string) => {
      const visit = line('PV1', { 1: '1', 2: 'O', 7: xcn, 19: 'V-1' });
      const lines = [...oru(glucose), ...second].map((one) => (one.startsWith('PV1') ? visit : one));
      const pids = lines.filter((one) => one.startsWith('PID'));
      const numbered = lines.map((one, index) =>
        pids.includes(one) ? one.replace('MRN-1001', `MRN-${index}`) : one,
      );
      return of(map(...numbered).writes, 'Practitioner').map(({ id }) => id);
    };
    expect(new Set(named('^Reyes^Maria')).size).toBe(2);
    expect(named('55^Reyes^Maria')).toHaveLength(1);
  });

  test('[M102] an address keeps further lines, county, census tract and period', () => {
    const { patient } = patientOf({
      11: '12 Elm St&Elm St&12^Apt 4^Springfield^IL^62701^USA^H^^Sangamon^0021^^^20200101^20210101^^^^^Rear door',
    });
    expect(patient.address).toEqual([
      {
        extension: [{ url: `${FHIR}/iso21090-ADXP-censusTract`, valueString: '0021' }],
        use: 'home',
        line: ['12 Elm St', 'Elm St', '12', 'Apt 4', 'Rear door'],
        city: 'Springfield',
        district: 'Sangamon',
        state: 'IL',
        postalCode: '62701',
        country: 'USA',
        period: { start: '2020-01-01', end: '2021-01-01' },
      },
    ]);
  });

  test('[M103] a telephone number keeps its parts, its rank, and the number as it is dialled', () => {
    const { patient } = patientOf({
      13: '^PRN^PH^^1^217^5550142^9^^^^+1 217 555 0142^20200101^^^^^2',
      40: '(217) 555 0142^PRS^CP~^^^a@example.org',
    });
    expect(patient['telecom@PID-13']).toEqual([
      {
        extension: [
          { url: `${FHIR}/contactpoint-country`, valueString: '1' },
          { url: `${FHIR}/contactpoint-area`, valueString: '217' },
          { url: `${FHIR}/contactpoint-local`, valueString: '5550142' },
          { url: `${FHIR}/contactpoint-extension`, valueString: '9' },
        ],
        system: 'phone',
        value: '+1 217 555 0142',
        use: 'home',
        rank: 2,
        period: { start: '2020-01-01' },
      },
    ]);
    expect(patient['telecom@PID-40']).toEqual([
      { system: 'phone', value: '(217) 555 0142', use: 'mobile' },
      { system: 'email', value: 'a@example.org' },
    ]);
  });

  test('[M104] a concept keeps its codings with their versions, and a system is known by its name or OID', () => {
    const coded = 'OBX|1|CWE|1^A^LN^2^B^L^2.7^1.0^words^3^C^^v3^^^^^^^2.16.840.1.113883.6.96||Y|||||F';
    const { writes } = map(...oru(coded));
    expect(of(writes, 'Observation')[0]!.set.code).toEqual({
      coding: [
        { system: 'http://loinc.org', version: '2.7', code: '1', display: 'A' },
        { system: 'urn:isthmus:codes:general:L', version: '1.0', code: '2', display: 'B' },
        { system: 'http://snomed.info/sct', version: 'v3', code: '3', display: 'C' },
      ],
      text: 'words',
    });
  });

  test('[M105] places lie within each other; the narrowest has the number and the words', () => {
    const visit = line('PV1', {
      1: '1',
      2: 'I',
      3: 'CARD^101^A&1.2.9&ISO^GENERAL^active^^N^2^by the window^B-7&WARDS',
      19: 'V-1',
    });
    const { writes } = map(msh('ADT^A08'), evn('A08'), pid, visit);
    const places = of(writes, 'Location');
    expect(places.map(({ set }) => set.name)).toEqual(['GENERAL', 'N', '2', 'CARD', '101', 'A']);
    for (const [index, { set }] of places.entries()) {
      const wider = places[index - 1];
      if (wider) expect(set.partOf).toMatchObject({ reference: `Location/${wider.id}` });
    }
    expect(places.at(-1)!.set).toMatchObject({
      description: 'by the window',
      status: 'active',
      identifier: [
        { value: 'GENERAL|N|2|CARD|101|A' },
        { value: 'A' },
        { system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2.9' },
        { value: 'B-7', assigner: { display: 'WARDS' } },
      ],
    });
    expect(of(writes, 'Encounter')[0]!.set['location@PV1-3']).toMatchObject([
      { location: { display: 'by the window' } },
    ]);
  });

  test('[M7] a degree of precision counts even where the same digits stood before without one', () => {
    const at = (...times: string[]) => {
      const lines = times.map((time, index) =>
        glucose
          .replace('OBX|1', `OBX|${index + 1}`)
          .replace('202603030815', time)
          .replace('2345-7', `2345-${index}`),
      );
      return of(map(...oru(...lines)).writes, 'Observation').map(({ set }) => set['effective[x]']);
    };
    expect(at('20260303081500', '20260303081500^D', '20260303081500')).toEqual([
      { DateTime: '2026-03-03T08:15:00-05:00' },
      { DateTime: '2026-03-03' },
      { DateTime: '2026-03-03T08:15:00-05:00' },
    ]);
  });

  test('[M106] the ordering provider has the address of ORC-24, and acts for the facility of ORC-21', () => {
    const orc = line('ORC', {
      1: 'RE',
      2: 'PL-77^EHR',
      3: 'FI-99^LAB',
      12: '55^Reyes^Maria',
      21: 'Elm Clinic^^^^^CLIA&1.2.4&ISO^XX^^^C-1',
      22: '1 Elm St^^Springfield',
      24: '9 Oak St^^Springfield',
    });
    const { writes } = map(...oru(glucose).map((one) => (one.startsWith('ORC') ? orc : one)));
    const reyes = of(writes, 'Practitioner').find(({ key }) => key === 'number|55');
    expect(reyes!.set).toMatchObject({ address: [{ line: ['9 Oak St'] }] });
    const role = of(writes, 'PractitionerRole')[0]!;
    expect(role.set).toMatchObject({
      practitioner: { reference: `Practitioner/${reyes!.id}` },
      organization: { display: 'Elm Clinic' },
    });
    expect(of(writes, 'ServiceRequest')[0]!.set.requester).toMatchObject({
      reference: `PractitionerRole/${role.id}`,
    });
  });

  test('[M107] relatives that a result names are copies, and nobody is ended by them', () => {
    const { writes } = map(
      ...oru(glucose).flatMap((one) => (one.startsWith('PV1') ? ['NK1|1|Okafor^Chidi|FTH', one] : [one])),
    );
    const kin = of(writes, 'RelatedPerson');
    expect(kin).toMatchObject([
      { copy: true, set: { 'name@NK1-2': [{ family: 'Okafor', given: ['Chidi'] }] } },
    ]);
    expect(of(writes, 'List')).toEqual([]);
    expect(of(writes, 'Patient')[0]!.set).toHaveProperty('contact@NK1-2');
  });
});

test('[M23] every message gives the same writes, whatever was mapped before it', () => {
  const lines = [msh('ADT^A08'), evn('A08'), pid, pv1()];
  const first = map(...lines);
  attending('77^Other^Person');
  expect(map(...lines)).toEqual(first);
});
