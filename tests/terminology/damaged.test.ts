import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listTerminology } from '../../src/clinical/terminology/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { type Kit, openKit } from './kit.ts';
import { ROOT, rf2, sctId } from './rf2.ts';
import { zip } from './zip.ts';

let kit: Kit;
beforeAll(async () => {
  kit = await openKit();
});
afterAll(() => kit.drop());

const gem =
  '0010  A000    00000\n0020  A0100   10000\n24202 E0500   10111\n24202 H0589   10112\nE9999 NoDx    11000\n';
const vaccine = (code: string) =>
  `<CVXInfo><ShortDescription>A &amp; B</ShortDescription><FullVaccinename>x</FullVaccinename><CVXCode>${code}</CVXCode><Notes/><Status>Active</Status><LastUpdated>3/20/2026</LastUpdated></CVXInfo>`;
const release = rf2([
  { id: ROOT, fsn: 'Root (root)', parents: [] },
  { id: sctId(1001), fsn: 'Invented (finding)', preferred: 'Invented', parents: [ROOT] },
]);
const resource = {
  ...{ resourceType: 'CodeSystem', url: 'urn:test:cs', status: 'active', content: 'complete' },
  concept: [{ code: 'a', concept: [{ code: 'b', display: 'B "quoted"' }] }, { code: 'c' }],
};

/** A file of each kind: format, name, content. */
const samples: readonly (readonly [format: string, name: string, content: Buffer])[] = [
  ['gem', '2018_I9gem.txt', Buffer.from(gem)],
  ['gem', '2018_I9gem.txt.gz', gzipSync(gem)],
  ['gem', 'gem.zip', zip({ '2018_I9gem.txt': gem })],
  ['snomed-rf2', 'release.zip', zip(release, { stored: true })],
  [
    'cvx',
    'cvx.xml',
    Buffer.from(`<?xml version="1.0"?>\n<CVXCodes>${vaccine('03')}\n${vaccine('04')}</CVXCodes>\n`),
  ],
  ['fhir', 'r.json', Buffer.from(JSON.stringify(resource, undefined, 1))],
  [
    'csv-map',
    'map.csv',
    Buffer.from(
      'source_system,source_code,target_system,target_code,equivalence\nurn:l,"a,b",urn:t,x,equal\nurn:l,c,urn:t,y,wider\n',
    ),
  ],
];

const damage = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constantFrom('flip' as const, 'insert' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.integer({ min: 1, max: 255 }),
  }),
);

test('[TL5] [TL9] whatever was cut off, changed or put in: it is loaded whole, or refused and leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...samples), damage, async ([format, name, content], how) => {
      await kit.clear();
      const at = Math.floor(how.at * (content.length - 1));
      const [head, tail] = [content.subarray(0, at), content.subarray(at)];
      const damaged =
        how.kind === 'cut'
          ? head
          : how.kind === 'insert'
            ? Buffer.concat([head, Buffer.from([how.byte]), tail])
            : Buffer.concat([head, Buffer.from([(tail[0] ?? 0) ^ how.byte]), tail.subarray(1)]);
      const folder = await kit.folder({ [name]: damaged });
      const outcome = await kit.load(format, folder, { url: 'urn:test:map', version: '1' }).then(
        (report) => report.outcome,
        (error: unknown) => {
          if (error instanceof IsthmusError && error.code === 'TERMINOLOGY_INVALID') return 'refused';
          throw error;
        },
      );
      expect(['loaded', 'refused']).toContain(outcome);
      const there = await listTerminology(kit.database);
      expect(there.length > 0).toBe(outcome === 'loaded');
      expect(there.every(({ state }) => state === 'ready')).toBe(true);
      if (outcome === 'refused')
        for (const table of ['terminology_concept', 'terminology_map_row'])
          expect(await kit.count(table)).toBe(0);
    }),
    { numRuns: 80 },
  );
}, 60_000);
