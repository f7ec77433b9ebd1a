import { describe, expect, test } from 'vitest';
import { previewWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import { glucose, line, map, msh, pid } from './messages.ts';

const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const one = (writes: readonly RecordWrite[], type: string) => {
  const found = of(writes, type);
  expect(found, type).toHaveLength(1);
  return found[0]!;
};
const only = (resources: readonly { readonly resourceType: string }[], type: string) =>
  resources.filter(({ resourceType }) => resourceType === type);

const obr = (fields: Readonly<Record<number, string>> = {}) =>
  line('OBR', { 1: '1', 2: 'PL-77^EHR', 3: 'FI-99^LAB', 4: '24323-8^CMP^LN', 7: '202603030815', ...fields });
const result = (...segments: string[]) => map(msh('ORU^R01'), pid, ...segments);

describe('results', () => {
  const spm = (fields: Readonly<Record<number, string>> = {}) =>
    line('SPM', {
      1: '1',
      2: 'P-1&EHR^F-1&LAB',
      4: '119297000^Blood^SCT',
      6: 'EDTA^EDTA^HL70371',
      8: '40983000^Arm^SCT',
      12: '5^mL&&UCUM',
      17: '202603030805^202603030810',
      18: '202603030900',
      20: 'Y',
      24: 'HEM^Hemolyzed^HL70493',
      27: 'TUBE^Tube^L',
      30: 'ACC-1',
      ...fields,
    });

  test('[M35] a specimen has its numbers, source, times and state, and the results are of it', () => {
    const { writes, findings } = result('ORC|RE|PL-77^EHR|FI-99^LAB', obr(), glucose, spm());
    expect(findings).toEqual([]);
    const specimen = one(writes, 'Specimen');
    expect(specimen.set).toMatchObject({
      'identifier@SPM-2': [
        { type: { coding: [{ code: 'PGN' }] }, value: 'P-1' },
        { type: { coding: [{ code: 'FGN' }] }, value: 'F-1' },
      ],
      type: { coding: [{ code: '119297000' }] },
      'collection.collectedPeriod': { start: '2026-03-03T08:05:00-05:00', end: '2026-03-03T08:10:00-05:00' },
      'collection.bodySite': { coding: [{ code: '40983000' }] },
      'collection.quantity': { unit: 'mL', code: 'mL' },
      receivedTime: '2026-03-03T09:00:00-05:00',
      status: 'available',
      'condition@SPM-24': [{ coding: [{ code: 'HEM' }] }],
      'container@SPM-27': [
        { type: { coding: [{ code: 'TUBE' }] }, additiveCodeableConcept: { coding: [{ code: 'EDTA' }] } },
      ],
      accessionIdentifier: { value: 'ACC-1' },
    });
    const reference = { reference: `Specimen/${specimen.id}` };
    expect(one(writes, 'Observation').set.specimen).toEqual(reference);
    expect(one(writes, 'DiagnosticReport').set.specimen).toEqual([reference]);
    expect(one(writes, 'ServiceRequest').set.specimen).toEqual([reference]);
    const [shown] = only(previewWrites(writes), 'Specimen');
    expect(shown).not.toHaveProperty('collection.collectedDateTime');
  });

  test('[M35] a rejected specimen is unsatisfactory; a corrected time replaces a period', () => {
    const first = result(obr(), spm()).writes;
    const second = map(
      msh('ORU^R01', '20260303110000'),
      pid,
      obr(),
      spm({ 17: '202603030807', 20: '', 21: 'RH^^HL70490' }),
    ).writes;
    const [specimen, ...others] = only(previewWrites([...first, ...second]), 'Specimen');
    expect(others).toEqual([]);
    expect(specimen).toMatchObject({
      status: 'unsatisfactory',
      collection: { collectedDateTime: '2026-03-03T08:07:00-05:00' },
    });
    expect(specimen).not.toHaveProperty('collection.collectedPeriod');
  });

  test('[M35] before SPM, the specimen stands in OBR; an OBR that says nothing of one has none', () => {
    expect(of(result(obr(), glucose).writes, 'Specimen')).toEqual([]);
    const { writes } = result(
      obr({
        9: '3^mL',
        14: '202603030900',
        15: 'BLD&Blood&HL70487^EDTA&EDTA&HL70371^from a line^LA&Left arm&HL70163',
      }),
      glucose,
    );
    expect(one(writes, 'Specimen').set).toMatchObject({
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0487', code: 'BLD' }] },
      'container@SPM-27': [{ additiveCodeableConcept: { coding: [{ code: 'EDTA' }] } }],
      'note@SPM-14': [{ text: 'from a line' }],
      'collection.bodySite': { coding: [{ code: 'LA' }] },
      'collection.collectedDateTime': '2026-03-03T08:15:00-05:00',
    });
    const plain = result(obr({ 15: '119297000^Blood^SCT' }), glucose);
    expect(one(plain.writes, 'Specimen').set.type).toMatchObject({
      coding: [{ system: 'http://snomed.info/sct', code: '119297000' }],
    });
  });

  test('[M35] two samples under one number stay two; one sample of two orders stays one', () => {
    const two = result(obr(), glucose, spm(), spm({ 1: '2', 4: '122575003^Urine^SCT' }));
    expect(new Set(of(two.writes, 'Specimen').map(({ id }) => id)).size).toBe(2);
    expect(one(two.writes, 'Observation').set).not.toHaveProperty('specimen');
    const named = line('OBX', { 1: '1', 2: 'NM', 3: '2345-7^^LN', 5: '9', 11: 'F', 33: 'P-1&EHR^F-1&LAB' });
    const chosen = result(obr(), named, spm(), spm({ 1: '2', 4: '122575003^Urine^SCT' }));
    expect(one(chosen.writes, 'Observation').set.specimen).toMatchObject({
      type: 'Specimen',
      identifier: { value: 'P-1' },
    });
    const shared = result(obr(), glucose, spm(), obr({ 3: 'FI-100^LAB' }), glucose, spm());
    expect(new Set(of(shared.writes, 'Specimen').map(({ id }) => id)).size).toBe(1);
  });

  test('[M35] what follows SPM is about the specimen; SPM that comes first is of the results', () => {
    const after = result(obr(), glucose, spm(), 'OBX|1|ST|33511-7^Appearance^LN||cloudy||||||F');
    const report = one(after.writes, 'DiagnosticReport');
    const [sugar, appearance] = of(after.writes, 'Observation');
    expect(Object.keys(report.set)).toContain(`result[reference=Observation/${sugar!.id}]`);
    expect(Object.keys(report.set)).not.toContain(`result[reference=Observation/${appearance!.id}]`);
    expect(appearance!.set.focus).toEqual([{ reference: `Specimen/${one(after.writes, 'Specimen').id}` }]);
    const before = result(obr(), spm(), glucose);
    expect(one(before.writes, 'Observation').set).not.toHaveProperty('focus');
  });

  test('[M35] answers that came with the order (OBX-29) are told of it, and no results', () => {
    const answer = line('OBX', { 1: '2', 2: 'ST', 3: 'Q1^Fasting?^L', 5: 'yes', 11: 'O', 29: 'QST' });
    const { writes } = result(obr(), glucose, answer);
    const [, told] = of(writes, 'Observation');
    expect(one(writes, 'ServiceRequest').set.supportingInfo).toEqual([
      { reference: `Observation/${told!.id}` },
    ]);
    expect(told!.set.category).toEqual([
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0936', code: 'QST' }] },
    ]);
    expect(JSON.stringify(one(writes, 'DiagnosticReport').set)).not.toContain(told!.id);
  });

  test('[M12] codes that stand in the second place only are codes, too: neither reports nor results fall together', () => {
    const { writes } = result(
      obr({ 4: '^^^PANEL-1^One^L' }),
      'OBX|1|NM|^^^A-1^Alpha^L||1||||||F',
      'OBX|2|NM|^^^B-1^Beta^L||2||||||F',
      obr({ 4: '^^^PANEL-2^Two^L' }),
      'OBX|1|NM|^Only words||3||||||F',
      'OBX|2|NM|^Other words||4||||||F',
    );
    expect(new Set(of(writes, 'DiagnosticReport').map(({ id }) => id)).size).toBe(2);
    expect(new Set(of(writes, 'ServiceRequest').map(({ id }) => id)).size).toBe(2);
    expect(of(writes, 'Observation').map(({ key }) => key)).not.toContainEqual(expect.stringContaining('#'));
    expect(new Set(of(writes, 'Observation').map(({ id }) => id)).size).toBe(4);
  });

  test('[M9] a report is of a moment, of a time, or of a time whose end alone is known', () => {
    const effective = (fields: Record<number, string>) =>
      one(result(obr(fields)).writes, 'DiagnosticReport').set['effective[x]'];
    expect(effective({})).toEqual({ DateTime: '2026-03-03T08:15:00-05:00' });
    expect(effective({ 8: '202603030820' })).toEqual({
      Period: { start: '2026-03-03T08:15:00-05:00', end: '2026-03-03T08:20:00-05:00' },
    });
    expect(effective({ 7: '', 8: '202603030820' })).toEqual({ Period: { end: '2026-03-03T08:20:00-05:00' } });
  });

  test('[M36] several values are components, never one concept, and a correction to one value takes them back', () => {
    const growth = (value: string, status: string) => `OBX|1|CWE|634-6^Bacteria^LN||${value}||||||${status}`;
    const several = map(msh('ORU^R01', '20260303100000'), pid, obr(), growth('A1^Alpha^L~B2^Beta^L', 'F'));
    const single = map(msh('ORU^R01', '20260303110000'), pid, obr(), growth('A1^Alpha^L', 'C'));
    const [before] = only(previewWrites(several.writes), 'Observation');
    expect(before).toMatchObject({
      component: [
        { code: { coding: [{ code: '634-6' }] }, valueCodeableConcept: { coding: [{ code: 'A1' }] } },
        { valueCodeableConcept: { coding: [{ code: 'B2' }] } },
      ],
    });
    expect(before).not.toHaveProperty('valueCodeableConcept');
    for (const messages of [
      [several, single],
      [single, several],
    ]) {
      const [after] = only(previewWrites(messages.flatMap(({ writes }) => writes)), 'Observation');
      expect(after).toMatchObject({
        status: 'corrected',
        valueCodeableConcept: { coding: [{ code: 'A1' }] },
      });
      expect(after).not.toHaveProperty('component');
    }
  });

  test('[M37] who performed, and with what', () => {
    const performed = line('OBX', {
      1: '1',
      2: 'NM',
      3: '2345-7^Glucose^LN',
      4: '1.2',
      5: '98',
      11: 'F',
      15: 'L1^Bench 1^LB',
      16: '77^Novak^Jan',
      18: 'DEV-5^LAB',
      19: '202603030920',
      23: 'Central Lab^^^^^^^^^11D1111111',
      24: '1 Lab Way^^Springfield^IL',
      25: '88^Chief^Carla',
    });
    const { writes } = result(obr(), performed);
    const { set } = one(writes, 'Observation');
    const roles = of(writes, 'PractitionerRole');
    expect(roles.map(({ set }) => JSON.stringify(set.code))).toEqual([
      expect.stringContaining('responsibleObserver'),
      expect.stringContaining('MDIR'),
    ]);
    const central = of(writes, 'Organization').find(({ set }) => set.name === 'Central Lab');
    expect(central?.set).toMatchObject({ address: [{ city: 'Springfield' }] });
    expect(roles[1]!.set.organization).toMatchObject({ reference: `Organization/${central?.id}` });
    expect(set).toMatchObject({
      'performer@OBX-15': [{ display: 'Bench 1' }],
      'performer@OBX-16': [{ reference: `PractitionerRole/${roles[0]!.id}` }],
      'performer@OBX-23': [{ reference: `PractitionerRole/${roles[1]!.id}` }],
      device: { reference: `Device/${one(writes, 'Device').id}` },
    });
    const url = 'http://hl7.org/fhir/StructureDefinition/observation-v2-subid';
    expect(set[`extension[url=${url}]`]).toEqual([
      { url, extension: [{ url: 'original-sub-identifier', valueString: '1.2' }] },
    ]);
  });

  test('[M37] who read and who wrote the report', () => {
    const { writes } = result(obr({ 32: '1&Reader&Rita', 34: '2&Tech&Tom', 35: '3&Typist&Tina' }), glucose);
    expect(one(writes, 'DiagnosticReport').set).toMatchObject({
      'resultsInterpreter@OBR-32': [{ display: 'Rita Reader' }],
      'performer@OBR-34': [
        { display: 'Tom Tech', extension: [{ url: expect.stringContaining('Function') }] },
      ],
      'performer@OBR-35': [{ display: 'Tina Typist' }],
    });
  });

  test("[M38] notes keep who wrote them and when; notes of the order are the report's", () => {
    const { writes, findings } = result(
      obr(),
      'NTE|1||sample was late',
      glucose,
      'NTE|1||fasting',
      'NTE|2||since midnight',
      'NTE|3||read back||77^Novak^Jan|202603031000',
    );
    expect(findings).toEqual([]);
    expect(one(writes, 'Observation').set.note).toMatchObject([
      { text: 'fasting\nsince midnight' },
      { text: 'read back', authorReference: { display: 'Jan Novak' }, time: '2026-03-03T10:00:00-05:00' },
    ]);
    const url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note';
    expect(one(writes, 'DiagnosticReport').set[`extension[url=${url}]`]).toEqual([
      { url, valueAnnotation: { text: 'sample was late' } },
    ]);
    expect(result('NTE|1||about nothing', obr(), glucose).findings).toEqual([
      { place: 'NTE^1', rule: 'NTE follows an order' },
    ]);
  });

  test('[M39] a late preliminary result changes nothing of a final one; a corrected one does', () => {
    const at = (time: string, value: string, status: string) =>
      map(msh('ORU^R01', time), pid, obr(), glucose.replace('98.0', value).replace('|F|', `|${status}|`));
    const preliminary = at('20260303090000', '50', 'P');
    const final = at('20260303100000', '98', 'F');
    const corrected = at('20260303110000', '89', 'C');
    const standing = (...messages: (typeof final)[]) =>
      only(previewWrites(messages.flatMap(({ writes }) => writes)), 'Observation');
    expect(standing(final, preliminary)).toMatchObject([{ status: 'final' }]);
    expect(standing(final, preliminary)).toEqual(standing(preliminary, final));
    expect(standing(corrected, final, preliminary, corrected)).toEqual(
      standing(preliminary, final, corrected),
    );
  });

  test('[M15] a document that is elsewhere is an attachment by its address; an address that is none is found', () => {
    const pointer = (text: string) => `OBX|2|RP|PDF^Report^L||${text}||||||F`;
    const { writes, findings } = result(
      obr(),
      pointer('https://reports.example.org/1?a=b\\T\\c=d^PACS^application^PDF'),
    );
    expect(findings).toEqual([]);
    expect(one(writes, 'DiagnosticReport').set['presentedForm@OBX-5']).toEqual([
      { contentType: 'application/pdf', url: 'https://reports.example.org/1?a=b&c=d', title: 'Report' },
    ]);
    expect(result(obr(), pointer('javascript:alert(1)^X')).findings).toMatchObject([{ place: 'OBX^1^5' }]);
  });

  test('[M40] results under an ORC without OBR are kept and found; a document before OBR is of its report', () => {
    const { writes, findings } = result('ORC|RE|PL-77^EHR|FI-99^LAB', glucose);
    expect(findings).toEqual([{ place: 'ORC^1^1', rule: 'results have an OBR' }]);
    expect(one(writes, 'Observation').set).toMatchObject({ status: 'final' });
    expect(of(writes, 'DiagnosticReport')).toEqual([]);
    const letter = 'OBX|1|ED|57133-1^Note^LN||^application^PDF^Base64^JVBERi0=||||||F';
    const early = result('ORC|RE|PL-77^EHR', letter, obr(), glucose);
    expect(early.findings).toEqual([]);
    expect(one(early.writes, 'DiagnosticReport').set['presentedForm@OBX-5']).toHaveLength(1);
  });

  test('[M40] an ORC without OBR among results is found', () => {
    const { writes, findings } = result('ORC|RE|PL-1', 'ORC|RE|PL-77^EHR', obr(), glucose);
    expect(findings).toEqual([{ place: 'ORC^1^1', rule: 'results have an OBR' }]);
    expect(of(writes, 'DiagnosticReport')).toHaveLength(1);
  });
});
