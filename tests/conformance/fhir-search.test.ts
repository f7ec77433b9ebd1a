import { describe, expect, test } from 'vitest';
import { parseExact } from '../../src/standards/fhir/index.ts';
import { valuesOf } from '../../src/standards/fhir-search/index.ts';
import { differences } from '../fhir-search/support/oracle.ts';
import { corpusFiles } from './corpora.ts';

const examples = corpusFiles('fhir-r4-official').filter(
  ({ path }) => path.startsWith('examples/') && path.endsWith('.json'),
);

describe('search values of the official R4 examples', () => {
  test('[S1] are those that the published expressions find, with the fhirpath library as judge', () => {
    expect(examples.length).toBeGreaterThan(700);
    const differing: string[] = [];
    for (const { path, bytes } of examples) {
      const text = bytes.toString();
      const values = valuesOf(parseExact(text) as Record<string, unknown>);
      differing.push(...differences(JSON.parse(text), values).map((line) => `${path}: ${line}`));
    }
    expect(differing).toEqual([]);
  });
});
