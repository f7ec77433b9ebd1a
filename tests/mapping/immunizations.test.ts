import { describe, expect, test } from 'vitest';
import { previewWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import { line, map, msh, pid, pv1 } from './messages.ts';

const rxaFields = {
  1: '0',
  2: '1',
  3: '20260303',
  5: '49281-0215-88^TENIVAC^NDC^113^Td^CVX',
  6: '0.50',
  7: 'mL^mL^UCUM',
  9: '00^New record^NIP001~^given in the morning',
  10: '7824^Jackson^Lily^^^^^^NIST&2.16.840.1.114222.4.3.3&ISO^L^^^PRN',
  11: '^^^Clinic North^^^^^12 Elm St^^Springfield^IL^62701',
  15: '315841',
  16: '20271216',
  17: 'PMC^Sanofi Pasteur^MVX',
  20: 'CP',
  21: 'A',
  22: '20260303101500',
};
const rxa = (fields: Readonly<Record<number, string>> = {}) => line('RXA', { ...rxaFields, ...fields });
const orc = 'ORC|RE|P-1^CLINIC|F-1^CLINIC|||||||||654^Thomas^Wilma';
const obx = (fields: Readonly<Record<number, string>>) => line('OBX', { 2: 'CE', 11: 'F', ...fields });
const vxu = (...rest: string[]) => map(msh('VXU^V04^VXU_V04'), pid, pv1(), ...rest);
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const given = (...rest: string[]) => of(vxu(...rest).writes, 'Immunization')[0]!;

describe('[M68] VXU: each RXA is an Immunization', () => {
  const { writes, findings } = vxu(orc, rxa(), 'RXR|IM^Intramuscular^HL70162|LA^Left arm^HL70163');
  const [vaccination] = of(writes, 'Immunization');

  test('with what, how much, by whom, where, how and from which lot', () => {
    expect(findings).toEqual([]);
    expect(vaccination?.set).toMatchObject({
      status: 'completed',
      patient: { reference: `Patient/${of(writes, 'Patient')[0]?.id}` },
      encounter: { reference: `Encounter/${of(writes, 'Encounter')[0]?.id}` },
      'identifier@ORC-2': [{ value: 'P-1' }],
      'identifier@ORC-3': [{ value: 'F-1' }],
      'occurrence[x]': { DateTime: '2026-03-03' },
      recorded: '2026-03-03T10:15:00-05:00',
      vaccineCode: {
        coding: [
          { system: 'http://hl7.org/fhir/sid/ndc', code: '49281-0215-88' },
          { system: 'http://hl7.org/fhir/sid/cvx', code: '113' },
        ],
      },
      doseQuantity: { unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' },
      primarySource: true,
      'note@RXA-9': [{ text: 'given in the morning' }],
      'performer@ORC-12': [{ function: { coding: [{ code: 'OP' }] } }],
      'performer@RXA-10': [{ function: { coding: [{ code: 'AP' }] }, actor: { display: 'Lily Jackson' } }],
      lotNumber: '315841',
      expirationDate: '2027-12-16',
      manufacturer: { display: 'Sanofi Pasteur' },
      route: { coding: [{ code: 'IM' }, { system: 'http://terminology.hl7.org/CodeSystem/v2-0162' }] },
      site: { coding: [{ code: 'LA' }, { system: 'http://terminology.hl7.org/CodeSystem/v2-0163' }] },
      location: { display: 'Clinic North' },
    });
    expect(JSON.stringify(vaccination?.set.doseQuantity)).toContain('0.50');
    expect(vaccination?.set).not.toHaveProperty('reportOrigin');
    expect(of(writes, 'Patient')[0]?.copy).toBe(true);
  });

  test('the place has its address', () => {
    const [place] = of(writes, 'Location').filter(({ set }) => set.name === 'Clinic North');
    expect(place?.set.address).toMatchObject({ line: ['12 Elm St'], city: 'Springfield', state: 'IL' });
    const later = vxu(orc, rxa({ 27: 'ROOM^1^^North', 28: '9 Oak St^^Springfield' }));
    const [room] = of(later.writes, 'Location').filter(({ set }) => set.name === '1');
    expect(room?.set.address).toMatchObject({ line: ['9 Oak St'] });
  });

  test('an amount that nobody knows is none', () => {
    expect(given(orc, rxa({ 6: '999' })).set).not.toHaveProperty('doseQuantity');
  });

  test('a vaccination by hearsay says from where it is known', () => {
    const { set, remove } = given(orc, rxa({ 9: '01^Historical^NIP001' }));
    expect(set).toMatchObject({ primarySource: false, reportOrigin: { coding: [{ code: '01' }] } });
    expect(remove ?? []).not.toContain('reportOrigin');
    expect(given(orc, rxa()).remove).toContain('reportOrigin');
  });
});

describe('[M69] what was not given does not look given', () => {
  test.each([
    [{ 20: 'RE', 18: '00^Parental decision^NIP002' }, 'not-done'],
    [{ 20: 'NA' }, 'not-done'],
    [{ 20: '', 18: '03^Patient decision^NIP002' }, 'not-done'],
    [{ 5: '998^no vaccine administered^CVX', 20: 'CP' }, 'not-done'],
    [{ 20: 'PA' }, 'completed'],
    [{ 20: '' }, 'completed'],
    [{ 20: 'CP', 21: 'D' }, 'entered-in-error'],
    [{ 20: 'RE', 21: 'D' }, 'entered-in-error'],
  ])('%o is %s', (fields, status) => {
    expect(given(orc, rxa(fields)).set.status).toBe(status);
  });

  test('a refusal keeps its reason', () => {
    expect(given(orc, rxa({ 20: 'RE', 18: '00^Parental decision^NIP002' })).set.statusReason).toMatchObject({
      text: 'Parental decision',
    });
  });

  test('a part of a dose may not count', () => {
    expect(given(orc, rxa({ 20: 'PA' })).set).toMatchObject({
      isSubpotent: true,
      subpotentReason: [{ coding: [{ code: 'partialdose' }] }],
    });
  });

  test('an unknown code is found, and says nothing', () => {
    const { writes, findings } = vxu(orc, rxa({ 20: 'ZZ' }));
    expect(findings).toMatchObject([{ place: 'RXA^1^20' }]);
    expect(of(writes, 'Immunization')[0]?.set).not.toHaveProperty('status');
  });
});

describe('[M70] which vaccination it is', () => {
  test('that of its filler, within the authority', () => {
    const first = given(orc, rxa());
    expect(given('ORC|RE||F-1^CLINIC', rxa({ 15: 'other' })).id).toBe(first.id);
    expect(given('ORC|RE||F-1^OTHER', rxa()).id).not.toBe(first.id);
  });

  test('9999 is no number: refusals are told apart by patient, vaccine and day', () => {
    const refusal = (day: string, code: string) =>
      given('ORC|RE||9999^CDC', rxa({ 3: day, 5: code, 20: 'RE' }));
    const first = refusal('20260303', '03^MMR^CVX');
    expect(first.set).not.toHaveProperty('identifier@ORC-3');
    expect(refusal('20260303', '03^MMR^CVX').id).toBe(first.id);
    expect(refusal('20260304', '03^MMR^CVX').id).not.toBe(first.id);
    expect(refusal('20260303', '21^varicella^CVX').id).not.toBe(first.id);
  });

  test('no vaccination is lost to another with its number, nor without ORC', () => {
    const { writes } = vxu(
      orc,
      rxa(),
      orc,
      rxa({ 5: '21^varicella^CVX' }),
      rxa({ 5: '03^MMR^CVX' }),
      rxa({ 5: '03^MMR^CVX' }),
    );
    expect(new Set(of(writes, 'Immunization').map(({ id }) => id)).size).toBe(4);
  });

  test('an ORC without RXA is found', () => {
    expect(vxu(orc).findings).toEqual([
      { place: 'ORC^1', rule: 'a vaccination has an RXA' },
      { place: 'RXA', rule: 'a vaccination has an RXA' },
    ]);
  });
});

describe('[M71] what was observed with it', () => {
  const { writes, findings } = vxu(
    orc,
    rxa(),
    obx({ 3: '64994-7^Eligibility^LN', 4: '1', 5: 'V02^Medicaid^HL70064' }),
    'NTE|1||as told by the mother',
    obx({ 3: '30963-3^Funding source^LN', 4: '1', 5: 'PHC70^Private^CDCPHINVS' }),
    obx({ 3: '69764-9^Document type^LN', 4: '2', 5: '253088^Td VIS^cdcgs1vis' }),
    obx({ 2: 'DT', 3: '29769-7^Presented^LN', 4: '2', 5: '20260303' }),
    obx({ 2: 'DT', 3: '29768-9^Published^LN', 4: '2', 5: '20250801' }),
    obx({ 3: '30956-7^Vaccine type^LN', 4: '3', 5: '03^MMR^CVX' }),
    obx({ 2: 'NM', 3: '30973-2^Dose number^LN', 5: '2' }),
    obx({ 2: 'NM', 3: '59782-3^Doses in series^LN', 5: '3' }),
    obx({ 3: '31044-1^Reaction^LN', 5: '39579001^Anaphylaxis^SCT', 14: '20260303' }),
    obx({ 2: 'NM', 3: '8310-5^Temperature^LN', 5: '37.0', 6: 'Cel^^UCUM' }),
  );
  const vaccination = of(writes, 'Immunization')[0]!;

  test('who pays, what was explained, and which dose it was are elements of it', () => {
    expect(findings).toEqual([]);
    expect(vaccination.set).toMatchObject({
      programEligibility: [{ coding: [{ code: 'V02' }] }],
      fundingSource: { coding: [{ code: 'PHC70' }] },
      education: [
        { documentType: 'Td VIS', presentationDate: '2026-03-03', publicationDate: '2025-08-01' },
        { documentType: 'MMR' },
      ],
      protocolApplied: [{ doseNumberPositiveInt: 2, seriesDosesPositiveInt: 3 }],
      'note@NTE-3': [{ text: 'as told by the mother' }],
    });
  });

  test('others are Observations that are part of it; a reaction is also its own', () => {
    const observations = of(writes, 'Observation');
    expect(observations).toHaveLength(2);
    for (const { set } of observations)
      expect(set.partOf).toEqual([{ reference: `Immunization/${vaccination.id}` }]);
    expect(vaccination.set.reaction).toEqual([
      { date: '2026-03-03', detail: { reference: `Observation/${observations[0]?.id}` } },
    ]);
  });

  test('an OBX before any order is of the patient', () => {
    const { writes: early } = vxu(
      obx({ 3: '59784-9^Disease with presumed immunity^LN', 5: '38907003^Varicella^SCT' }),
      orc,
      rxa(),
    );
    const [observation] = of(early, 'Observation');
    expect(observation?.set).not.toHaveProperty('partOf');
  });

  test('a date that is a code is an Observation of its own', () => {
    const odd = vxu(orc, rxa(), obx({ 3: '29769-7^Funding^LN', 5: 'PHC70^Private^CDCPHINVS' }));
    expect(of(odd.writes, 'Observation')).toHaveLength(1);
  });

  test('a reader gets a whole Immunization even of the barest message', () => {
    const { writes: bare } = vxu('RXA|0|1||||');
    expect(previewWrites(bare).find((one) => one.resourceType === 'Immunization')).toMatchObject({
      status: 'completed',
      vaccineCode: { coding: [{ code: 'unknown' }] },
      occurrenceString: 'unknown',
    });
  });
});
