import { describe, expect, test } from 'vitest';
import { parseExact } from '../../src/standards/fhir/index.ts';
import { valuesOf } from '../../src/standards/fhir-search/index.ts';
import { differences } from '../fhir-search/support/oracle.ts';
import { corpusFiles } from './corpora.ts';

describe('search values of published examples', () => {
  test.each([
    ['fhir-r4-official', 700, 1100],
    ['fhir-us-core', 100, 100],
  ])(
    '[S1] %s: those that the published expressions find, with the fhirpath library as judge',
    (corpus, files, found) => {
      const differing: string[] = [];
      const parameters = new Set<string>();
      let resources = 0;
      for (const { path, bytes } of corpusFiles(corpus)) {
        const text = /^examples.*\.json$/.test(path) ? bytes.toString() : '{}';
        const resource = JSON.parse(text);
        if (typeof resource.resourceType !== 'string') continue;
        resources++;
        const values = valuesOf(parseExact(text) as Record<string, unknown>);
        for (const { param } of values) parameters.add(`${resource.resourceType}.${param}`);
        differing.push(...differences(resource, values).map((line) => `${path}: ${line}`));
      }
      expect(differing).toEqual([]);
      expect(resources).toBeGreaterThan(files);
      expect(parameters.size).toBeGreaterThan(found);
    },
  );
});
