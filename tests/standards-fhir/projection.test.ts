import { describe, expect, test } from 'vitest';
import { type Json, project } from '../../src/standards/fhir/index.ts';

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

const observation: Json = {
  resourceType: 'Observation',
  id: 'o1',
  meta: { versionId: '2', tag: [{ code: 'kept' }] },
  text: { status: 'generated', div: '<div/>' },
  contained: [{ resourceType: 'Patient', id: 'x' }],
  extension: [{ url: 'urn:x', valueString: 'x' }],
  modifierExtension: [{ url: 'urn:y', valueString: 'y' }],
  status: 'final',
  _status: { id: 's' },
  code: {
    coding: [{ system: 'http://loinc.org', code: '8867-4' }],
    extension: [{ url: 'urn:z', valueCode: 'z' }],
  },
  valueQuantity: { value: 60, unit: '/min' },
  note: [{ text: 'a note' }],
  component: [
    {
      code: { text: 'c' },
      valueString: 'x',
      interpretation: [{ text: 'i' }],
      referenceRange: [{ text: 'r' }],
    },
  ],
};

describe('_summary', () => {
  test('true keeps what R4 marks as summary, within datatypes and components as well', () => {
    expect(project(observation, { summary: 'true' })).toEqual({
      resourceType: 'Observation',
      id: 'o1',
      meta: { versionId: '2', tag: [{ code: 'kept' }, SUBSETTED] },
      modifierExtension: [{ url: 'urn:y', valueString: 'y' }],
      status: 'final',
      _status: { id: 's' },
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      valueQuantity: { value: 60, unit: '/min' },
      component: [{ code: { text: 'c' }, valueString: 'x' }],
    });
  });

  test('true leaves an element that consists of an extension alone', () => {
    const absent = { extension: [{ url: 'urn:absent', valueCode: 'unknown' }] };
    const { name } = project({ resourceType: 'Patient', name: [absent] }, { summary: 'true' });
    expect(name).toEqual([absent]);
  });

  test('true shortens the resources of a bundle by their own types', () => {
    const bundle: Json = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: observation }] };
    const { entry } = project(bundle, { summary: 'true' });
    expect(entry).toEqual([{ resource: expect.not.objectContaining({ note: expect.anything() }) }]);
    expect(entry).toEqual([{ resource: expect.objectContaining({ status: 'final' }) }]);
  });

  test('text keeps narrative, id, meta, mandatory and modifier elements', () => {
    expect(Object.keys(project(observation, { summary: 'text' }))).toEqual([
      'resourceType',
      'id',
      'meta',
      'text',
      'modifierExtension',
      'status',
      '_status',
      'code',
    ]);
  });

  test('data leaves out the narrative only', () => {
    const { text: _, meta, ...rest } = observation;
    expect(project(observation, { summary: 'data' })).toEqual({
      ...rest,
      meta: { ...(meta as object), tag: [{ code: 'kept' }, SUBSETTED] },
    });
  });
});

describe('_elements', () => {
  test('keeps what is asked for, and what is mandatory or modifies', () => {
    const part = project(observation, { elements: ['value', 'note', 'nonsense', '__proto__'] });
    expect(Object.keys(part)).toEqual([
      'resourceType',
      'id',
      'meta',
      'modifierExtension',
      'status',
      '_status',
      'code',
      'valueQuantity',
      'note',
    ]);
    expect(part.meta).toEqual({ versionId: '2', tag: [{ code: 'kept' }, SUBSETTED] });
  });

  test('knows a choice by its whole name and a primitive with its extensions', () => {
    const patient: Json = {
      resourceType: 'Patient',
      deceasedBoolean: false,
      birthDate: '1980',
      _birthDate: { id: 'b' },
    };
    expect(project(patient, { elements: ['birthDate'] })).toMatchObject({
      birthDate: '1980',
      _birthDate: { id: 'b' },
    });
    for (const name of ['deceased', 'deceased[x]', 'deceasedBoolean'])
      expect(project(patient, { elements: [name] })).toMatchObject({ deceasedBoolean: false });
  });
});

test('a part is tagged once, also where there was no meta, and the whole is left as it is', () => {
  const bare: Json = { resourceType: 'Patient', id: 'p' };
  const once = project(bare, { summary: 'data' });
  expect(once).toEqual({ ...bare, meta: { tag: [SUBSETTED] } });
  expect(project(once, { elements: ['id'] }).meta).toEqual({ tag: [SUBSETTED] });
  expect(bare).not.toHaveProperty('meta');
});
