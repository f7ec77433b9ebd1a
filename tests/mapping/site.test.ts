import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compileSite,
  mapMessage,
  type SiteMapping,
  siteMapping,
  unmappedOf,
} from '../../src/clinical/mapping/index.ts';
import { previewWrites } from '../../src/clinical/record/index.ts';
import {
  codes,
  cq,
  cwe,
  cx,
  dt,
  dtm,
  each,
  extend,
  extension,
  first,
  from,
  id,
  ignore,
  nm,
  onto,
  st,
  within,
  xcn,
  xpn,
  yn,
} from '../../src/index.ts';
import { evn, line, message, msh, options } from './messages.ts';

const CITIZEN = 'http://hospital.example/fhir/citizen';
const PID = line('PID', {
  ...{ 1: '1', 3: 'M1^^^GEN^MR', 5: 'Muster^Erika', 7: '19700101', 8: 'W' },
  ...{ 19: '999112222', 26: 'USA~DEU' },
});
const PV1 = line('PV1', { 1: '1', 2: 'I', 3: 'W1^101^A', 19: 'V-1' });

function run(mapping: SiteMapping, ...lines: string[]) {
  const judged = siteMapping.safeParse(mapping);
  expect(judged.error?.issues ?? []).toEqual([]);
  const own = { ...options, site: compileSite(mapping) };
  const parsed = message(...lines);
  const { writes, findings } = mapMessage(parsed, own);
  const resources = previewWrites(writes);
  const of = (type: string) => resources.filter(({ resourceType }) => resourceType === type);
  return { of, findings, unmapped: unmappedOf(parsed, own) };
}

const mistakesOf = (mapping: unknown) =>
  (siteMapping.safeParse(mapping).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

const admission = (...more: string[]) => [msh('ADT^A01'), evn('A01'), PID, PV1, ...more];

describe('lines of a site', () => {
  test('[MS1] a field goes where the site says, as the datatype says, and every repetition of it', () => {
    const { of } = run(
      extend({ PID: [{ field: 26, to: extension(CITIZEN), as: each(cwe('0171')) }] }),
      ...admission(),
    );
    const [patient] = of('Patient');
    const own = ((patient?.extension ?? []) as { url: string }[]).filter(({ url }) => url === CITIZEN);
    expect(own).toEqual(
      ['USA', 'DEU'].map((code) => ({
        url: CITIZEN,
        valueCodeableConcept: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0171', code }],
        },
      })),
    );
  });

  test('[MS1] a line of the same field and place stands instead of ours, one that is ignored is gone, all others stay', () => {
    const { of, unmapped } = run(
      extend({ PID: [{ field: 8, to: 'gender', as: first(id({ W: 'female' })) }, ignore(19)] }),
      ...admission(),
    );
    const [patient] = of('Patient');
    expect(patient).toMatchObject({
      gender: 'female',
      birthDate: '1970-01-01',
      name: [{ family: 'Muster' }],
    });
    expect(JSON.stringify(patient)).not.toContain('999112222');
    expect(unmapped).toEqual({ 'PID-19': 1 });
  });

  test('[MS1] a code that is not in the table of the site is a finding without the code', () => {
    const { findings } = run(
      extend({ PID: [{ field: 8, to: 'gender', as: first(id({ F: 'female' })) }] }),
      ...admission(),
    );
    expect(findings).toEqual([{ place: 'PID^1^8', rule: expect.stringContaining("the site's table") }]);
  });

  test('[MS2] Z-segments speak of patient and visit, wherever they stand; empty leaves alone, "" removes', () => {
    const mapping = extend({
      ZPI: onto('Patient', [
        { field: 1, to: extension('urn:one'), as: first(yn()) },
        { field: 2, to: 'identifier@ZPI-2', as: each(cx) },
        { field: 3, to: 'maritalStatus', as: first(cwe()) },
      ]),
      ZPV: onto('Encounter', [
        {
          field: 1,
          to: 'participant@ZPV-1',
          as: each(within('individual', xcn, { type: [{ text: 'manager' }] })),
        },
        { field: 2, to: 'period.end', as: first(dtm()) },
        { field: 3, to: 'length', as: first(cq) },
      ]),
    });
    const { of, unmapped, findings } = run(
      mapping,
      msh('ADT^A01'),
      'ZPI|Y|L-1^^^LOCAL^PI|""|extra',
      PID,
      PV1,
      'ZPV|77^Case^Mana|20260303|3^d',
    );
    expect(findings.filter(({ place }) => place.startsWith('Z'))).toEqual([]);
    expect(of('Patient')[0]).toMatchObject({
      extension: expect.arrayContaining([{ url: 'urn:one', valueBoolean: true }]),
      identifier: [{ value: 'M1' }, { id: 'PID-19.1' }, { id: 'ZPI-2.1', value: 'L-1' }],
    });
    expect(of('Encounter')[0]).toMatchObject({
      participant: [
        { type: [{ text: 'manager' }], individual: { reference: expect.stringMatching(/^Practitioner\//) } },
      ],
      period: { end: '2026-03-03' },
      length: { unit: 'd' },
    });
    expect(unmapped).toEqual({ 'ZPI-4': 1 });
  });

  test('[MS2] what a Z-segment says of a place counts more than what a segment of the standard says', () => {
    const mapping = extend({
      ZPI: onto('Patient', [
        { field: 1, to: 'birthDate', as: first(dt()) },
        { field: 2, to: 'gender', as: first(id({ D: 'other' })) },
        { field: 3, to: 'name', as: each(xpn) },
      ]),
    });
    const emptied = PID.replace('|W|', '|""|');
    const { of } = run(mapping, msh('ADT^A08'), evn('A08'), emptied, PV1, 'ZPI|""|D');
    expect(of('Patient')[0]).toMatchObject({ gender: 'other', name: [{ family: 'Muster' }] });
    expect(of('Patient')[0]).not.toHaveProperty('birthDate');
  });

  test('[MS2] a Z-segment behind a result speaks of that result', () => {
    const { of } = run(
      extend({ ZOB: onto('Observation', [{ field: 1, to: extension('urn:lot'), as: first(st()) }]) }),
      msh('ORU^R01'),
      PID,
      'OBR|1|P1|F1|24323-8^Panel^LN',
      'OBX|1|NM|2345-7^Glucose^LN||6.3||||||F',
      'ZOB|A',
      'OBX|2|NM|2951-2^Sodium^LN||140||||||F',
      'ZOB|B',
    );
    expect(of('Observation').map(({ extension }) => extension)).toEqual([
      [{ url: 'urn:lot', valueString: 'A' }],
      [{ url: 'urn:lot', valueString: 'B' }],
    ]);
  });

  test('[MS3] a field is read from where the sender puts it, and its codes as what they mean', () => {
    const { of, unmapped } = run(
      extend({}, { 'PV1-19': from('ZPV-2'), 'PID-8': codes({ W: 'F' }) }),
      ...admission('ZPV||V-77^^^&2.16.840.1.113883.19.9&ISO|x'),
    );
    expect(of('Patient')[0]).toMatchObject({ gender: 'female' });
    expect(of('Encounter')[0]?.identifier).toMatchObject([
      { value: 'V-77', system: 'urn:oid:2.16.840.1.113883.19.9' },
    ]);
    expect(unmapped).toEqual({ 'ZPV-3': 1 });
  });

  test('[MS3] what can not be decoded is left to the mapping, which finds it', () => {
    const { of, findings } = run(
      extend({}, { 'PV1-19': from('ZPV-1'), 'PID-8': codes({ W: 'F' }) }),
      ...admission('ZPV|\u00e9').map((segment) =>
        segment.replace('UNICODE UTF-8', '').replace('|W|', '|\u00e9|'),
      ),
    );
    expect(of('Encounter')[0]?.identifier).toMatchObject([{ value: 'V-1' }]);
    expect(findings).toMatchObject([{ place: 'PID^1^8^1^1^1' }]);
  });

  test('[MS3] a local code gets the standard one in front, and keeps itself', () => {
    const loinc = { system: 'http://loinc.org', code: '2345-7' };
    const { of } = run(
      extend({ OBX: [{ field: 3, to: 'code', as: first(cwe(undefined, { GLU: loinc })) }] }),
      msh('ORU^R01'),
      PID,
      'OBR|1|P1|F1|X^Panel^L',
      'OBX|1|NM|GLU^Glucose^L||6.3||||||F',
      'OBX|2|NM|constructor^C^L||1||||||F',
    );
    expect(of('Observation').map(({ code }) => code)).toMatchObject([
      { coding: [loinc, { code: 'GLU' }] },
      { coding: [{ code: 'constructor' }] },
    ]);
  });
});

test('[MS3] [M23] whatever stands in the fields, a site mapping does not throw', () => {
  const junk = fc.constantFrom(
    '',
    '""',
    '^',
    '~',
    '&',
    '__proto__',
    '1^2^3^4^5',
    'x~y~""',
    '\\X0D\\',
    'é',
    'W',
  );
  const segment = (name: string) =>
    fc.array(junk, { maxLength: 12 }).map((fields) => [name, ...fields].join('|'));
  const names = ['ZPI', 'ZPV', 'ZOB', 'PID', 'PV1', 'OBR', 'OBX', 'SCH'];
  const mapping = extend(
    {
      PID: [{ field: 4, to: extension('urn:x'), as: each(nm()) }, ignore(2)],
      ZPI: onto('Patient', [
        { field: 1, to: 'name', as: each(xpn) },
        { field: 2, to: 'deceased[x]', as: first(dtm()) },
      ]),
      ZPV: onto('Encounter', [{ field: 1, to: 'length', as: first(cq) }]),
      ZOB: onto('Observation', [{ field: 1, to: 'value[x]', as: first(cwe()) }]),
    },
    { 'PV1-19': from('ZPV-2'), 'PID-8': codes({ W: 'F' }), 'OBX-3': from('ZOB-2'), 'ZPI-1': from('PID-5') },
  );
  expect(mistakesOf(mapping)).toEqual([]);
  const own = { ...options, site: compileSite(mapping) };
  fc.assert(
    fc.property(
      fc.constantFrom('ADT^A01', 'ORU^R01', 'SIU^S12'),
      fc.array(fc.constantFrom(...names).chain(segment), { maxLength: 10 }),
      (type, lines) => {
        const parsed = message(msh(type).replace('UNICODE UTF-8', ''), PID, ...lines);
        const { writes } = mapMessage(parsed, own);
        expect(mapMessage(parsed, own).writes).toEqual(writes);
        previewWrites(writes);
        unmappedOf(parsed, own);
      },
    ),
    { numRuns: 300 },
  );
});

describe('what is judged when it is loaded', () => {
  test('[MS4] every mistake is listed at once, with its place', () => {
    expect(
      mistakesOf(
        extend(
          {
            PID: [
              { field: 26, to: 'citizen', as: each(cwe('0171')) },
              { field: 8, to: 'gender', as: each(id({ W: 'female' })) },
              { field: 7, to: 'birthDate', as: first(cwe()) },
              { field: 16, to: 'maritalStatus', as: first({ ...cwe(), component: 2 }) },
              { field: 27, to: 'birthDate', as: first(dt()) },
              { field: 28, to: 'communication', as: first({ ...cwe(), codes: { A: 'B' } }) },
            ],
            OBR: onto('ServiceRequest', [{ field: 99, to: 'priority', as: first(nm()) }]),
            ZPI: [{ field: 1, to: 'birthDate', as: first(st()) }],
            ZZZ: onto('Group', [{ field: 1, to: 'name', as: first(st()) }]),
            MSH: [ignore(3)],
          },
          { 'PID-3': from('PID-2'), 'MSH-10': from('ZPI-1'), 'PV1-19': from('PV1-19') },
        ),
      ),
    ).toEqual([
      'segments.PID.0.to: citizen is no place in Patient',
      'segments.PID.1.as: one value goes there: first(…) instead of each(…)',
      'segments.PID.2.as: CWE is read as CodeableConcept; there goes date',
      'segments.PID.3.as: CWE is read as a whole, not by component',
      'segments.PID.4.to: another line goes to birthDate already',
      "segments.PID.5.as: cwe(…) puts codings before the sender's: { system, code }",
      'segments.OBR.0.rows.0.as: NM is read as decimal; there goes code',
      'segments.ZPI: onto(…) says which resource ZPI goes to: it is none of the segments mapped here',
      'segments.ZZZ.0: nothing of ZZZ can be put onto Group here',
      'segments.MSH: MSH says how a message is to be read, and is not mapped',
      'read.PID-3: whose message it is, is read when it arrives, from this field',
      'read.MSH-10: MSH says how a message is to be read, and is not mapped',
      'read.PV1-19: another field than itself',
    ]);
  });

  test.each([
    ['a line that is none', { segments: { PID: [{ feld: 1 }] }, read: {} }],
    ['a segment that is none', { segments: { Pid: [{ field: 1, ignored: true }] }, read: {} }],
    ['a field that is none', { segments: {}, read: { 'PID-0': { from: 'PID-2' } } }],
    [
      'a converter of somebody’s own',
      { segments: { PID: [{ field: 1, to: 'name', as: () => 'x' }] }, read: {} },
    ],
    ['a table that is none', extend({ PID: [{ field: 26, to: extension(CITIZEN), as: each(cwe('171')) }] })],
    ['nothing', undefined],
  ])('[MS4] %s is refused', (_, mapping) => {
    expect(mistakesOf(mapping).length).toBeGreaterThan(0);
  });
});
