import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/foundation/database/index.ts';
import type { ImportReport, Refusal } from '../../src/gateway/import/index.ts';
import { startImport, type TestImport } from '../import/support.ts';
import { corporaFolder, corpusFiles } from './corpora.ts';

let world: TestImport;
beforeAll(async () => {
  world = await startImport();
});
afterAll(() => world.stop());

const countByType = sql('test.count', 'SELECT type, count(*)::int AS count FROM resource GROUP BY type');
const counts = async (): Promise<Map<string, number>> => {
  const rows = await world.db.database.query<{ type: string; count: number }>(countByType);
  return new Map(rows.map(({ type, count }) => [type, count]));
};
/** What the record has more of than before. */
async function added(run: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counts();
  await run();
  const after = [...(await counts())].map(
    ([type, count]) => [type, count - (before.get(type) ?? 0)] as const,
  );
  return Object.fromEntries(after.filter(([, count]) => count > 0));
}

interface Bundle {
  readonly entry: readonly { readonly resource: { readonly resourceType: string } }[];
}
const unpacked = (path: string, bytes: Buffer): string =>
  (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
/** How many of each type the bundles of a folder hold. */
function inBundles(folder: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { path, bytes } of corpusFiles(folder))
    if (/(dev|shared)\/.*\.json\.gz$/.test(path))
      for (const { resource } of (JSON.parse(unpacked(path, bytes)) as Bundle).entry)
        found[resource.resourceType] = (found[resource.resourceType] ?? 0) + 1;
  return found;
}

async function refusalsOf(report: ImportReport): Promise<(Refusal & { file: string })[]> {
  const all: (Refusal & { file: string })[] = [];
  for (const file of report.files)
    for await (const refusal of file.refusals())
      all.push({ file: file.path.split('/').at(-1) ?? '', ...refusal });
  return all;
}

describe('Synthea', () => {
  test.each(['synthea-r4-uscore', 'synthea-r4-smart'])(
    '%s: every bundle is taken, and every resource of it is there',
    { timeout: 300_000 },
    async (folder) => {
      let report: ImportReport | undefined;
      const found = await added(async () => {
        const parts = ['dev', ...(folder.endsWith('uscore') ? ['shared'] : [])];
        report = await world.run(
          parts.map((part) => join(corporaFolder(), folder, part)),
          { workers: 4 },
        );
      });
      expect(report && (await refusalsOf(report))).toEqual([]);
      expect(found).toEqual(inBundles(folder));
    },
  );

  test('the bulk export: every line is taken under its id', { timeout: 300_000 }, async () => {
    const folder = join(corporaFolder(), 'synthea-r4-bulk-ndjson', '10-patients');
    const report = await world.run(folder, { workers: 4, system: 'bulk' });
    expect(await refusalsOf(report)).toEqual([]);
    const line = unpacked('.gz', readFileSync(join(folder, 'Encounter.000.ndjson.gz'))).split('\n')[0] ?? '';
    const { id } = JSON.parse(line) as { id: string };
    const { json } = (await world.record.read('Encounter', id)) ?? {};
    // What Synthea names by identifier is in the same export.
    expect(JSON.parse(json ?? '{}').participant[0].individual.reference).toMatch(
      /^Practitioner\/[0-9a-f-]+$/,
    );
    expect(report.counts.unresolved).toBe(0);
  });
});

test('US Core as the bundles of azure-bundles have it: three have mistakes, which are found', {
  timeout: 300_000,
}, async () => {
  const folder = join(corporaFolder(), 'fhir-us-core', 'azure-bundles');
  const refusals = await refusalsOf(await world.run(folder));
  // DiagnosticReport.encounter refers to an Organization and a Practitioner; the third has a comma too many.
  expect(refusals.map(({ file, place }) => `${file} ${place}`)).toEqual([
    'USCore6-resource-bundle.json Bundle.entry[26].resource.encounter',
    'USCore6-resource-bundle.json Bundle.entry[27].resource.encounter',
    'V3.1.1_USCoreCompliantResources.json line 8274, column 17',
    'V6.1.0_USCoreCompliantResources.json Bundle.entry[21].resource.encounter',
    'V6.1.0_USCoreCompliantResources.json Bundle.entry[22].resource.encounter',
  ]);
  const kept = await world.run(folder, { keepInvalid: true, restart: true });
  expect((await refusalsOf(kept)).map(({ file }) => file)).toEqual(['V3.1.1_USCoreCompliantResources.json']);
  expect(kept.counts.flagged).toBe(4);
  expect(await world.record.read('DiagnosticReport', 'DiagnosticReportLabC')).toBeDefined();
});
