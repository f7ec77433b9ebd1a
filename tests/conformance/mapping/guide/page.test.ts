import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coveragePage } from './page.ts';

const TRIED = /tried with \d+ messages of the collections and \d+ of ours/;

test('docs/reference/v2-to-fhir.md is as the code has it (npm run mapping-coverage writes it anew)', () => {
  const { text, rows } = coveragePage();
  const committed = readFileSync('docs/reference/v2-to-fhir.md', 'utf8');
  expect(committed).toContain(`that says something (${rows})`);
  // With other messages other fields can be tried, so the page of other collections may differ.
  if (TRIED.exec(committed)?.[0] === TRIED.exec(text)?.[0]) expect(text).toBe(committed);
});
