import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tables } from '../../src/clinical/mapping/index.ts';

const folder = fileURLToPath(new URL('../../src/clinical/mapping/', import.meta.url));

test('[M22] every table of a segment stands in the registry that reports are made from', () => {
  const registry = readFileSync(`${folder}registry.ts`, 'utf8');
  const exported = readdirSync(`${folder}segments`).flatMap((file) =>
    [...readFileSync(`${folder}segments/${file}`, 'utf8').matchAll(/^export const (\w+): SegmentMap</gm)].map(
      ([, name = '']) => name,
    ),
  );
  expect(exported.length).toBeGreaterThan(20);
  const listed = registry.slice(registry.indexOf('export const tables'));
  expect(exported.filter((name) => !new RegExp(`\\b${name}\\b`).test(listed))).toEqual([]);
  expect(tables.length).toBeGreaterThanOrEqual(exported.length);
});
