import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** The design page and the tests keep each other honest. */
const page = readFileSync(new URL('../../docs/design/hl7v2.md', import.meta.url), 'utf8');
const rules = new Map(
  [...page.matchAll(/^- \*\*(H\d+)\*\* ([\s\S]*?)(?=^- \*\*H|^#)/gm)].map(([, id = '', text = '']) => [
    id,
    text,
  ]),
);
const tests = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  .join('\n');
const tested = new Set([...tests.matchAll(/'\[(H\d+)\] /g)].map(([, id]) => id));

test('the rules are numbered as the fine print is', () => {
  expect([...rules.keys()]).toEqual(Array.from({ length: 32 }, (_, index) => `H${index + 1}`));
});

test.each([...rules])('%s has a test, or is kept elsewhere', (id, text) => {
  const isElsewhere = text.startsWith('*Elsewhere*');
  expect(tested.has(id) || isElsewhere).toBe(true);
});

test('every test names a rule that exists', () => {
  expect([...tested].filter((id) => id === undefined || !rules.has(id))).toEqual([]);
});
