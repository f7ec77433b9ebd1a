import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { attachEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { type RunningEngine, startEngine } from '../harness/engine.ts';
import { expectStatus, FhirClient } from '../harness/fhir-client.ts';
import { percentile, report } from '../harness/report.ts';
import { concept, dottedIcd9, dottedIcd10, icdFiles, snomedFiles } from '../harness/terminology-files.ts';

const REQUESTS = 2_000;
const WARM_UP = 200;

/**
 * Loading SNOMED CT by the command beside a running engine: must 500k concepts in 60 s (8,333/s) and 512 MB, aim 20 s (25,000/s). Yardstick: PostgreSQL alone copies the same rows into tables with the
 * same indexes. Then $translate and $validate-code over the API with ICD-10-CM and both GEMs loaded as well, codes in random order: must 5 ms, aim 2 ms. Yardstick: the rows by their keys, bare.
 */
export async function terminology(full: boolean): Promise<void> {
  const concepts = full ? 500_000 : 100_000;
  const folders = [await snomedFiles(concepts), await icdFiles()] as const;
  const engine = await startEngine({ config: 'bench/configs/record.config.ts' });
  try {
    const url = await attachEmbedded({ home: engine.home, logger: silentLogger });
    if (!url) throw new Error('the PostgreSQL of the engine is not there');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await measureLoad(engine, client, { folder: folders[0], concepts });
      await load(engine, ['icd-10-cm', join(folders[1], 'icd10cm_order_2026.txt')]);
      await load(engine, ['gem', join(folders[1], 'gem')]);
      await measureLookups(engine, client, concepts);
    } finally {
      await client.end();
    }
  } finally {
    await engine.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
}

interface Loaded {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** The command, as a user gives it. */
async function load(engine: RunningEngine, words: readonly string[]): Promise<Loaded> {
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/cli.js', 'terminology', 'load', ...words, '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ISTHMUS_HOME: engine.home },
  });
  let peakBytes = 0;
  const looking = setInterval(() => {
    readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (status) => {
        peakBytes = Math.max(peakBytes, Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024);
      },
      // It has ended.
      () => undefined,
    );
  }, 100);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(looking);
  if (code !== 0) throw new Error(`isthmus terminology load ${words[0]} ended with ${code}`);
  return { seconds: (performance.now() - started) / 1_000, peakBytes };
}

async function measureLoad(
  engine: RunningEngine,
  client: pg.Client,
  { folder, concepts }: { readonly folder: string; readonly concepts: number },
): Promise<void> {
  const { seconds, peakBytes } = await load(engine, ['snomed-rf2', folder]);
  const bare = await bareCopySeconds(client);
  const [rate, yardstick] = [concepts / seconds, concepts / bare];
  const note = `${concepts} concepts; yardstick: PostgreSQL copies the rows into tables with the same indexes`;
  report({
    name: 'terminology.load',
    value: rate,
    unit: 'concepts/s',
    yardstick,
    ratio: rate / yardstick,
    note,
  });
  report({ name: 'terminology.load.rss', value: peakBytes / 1_048_576, unit: 'MiB' });
}

async function bareCopySeconds(client: pg.Client): Promise<number> {
  const started = performance.now();
  for (const table of ['terminology_concept', 'terminology_relation']) {
    await client.query(`CREATE TABLE bench_${table} (LIKE ${table} INCLUDING INDEXES)`);
    await client.query(`INSERT INTO bench_${table} SELECT * FROM ${table}`);
  }
  const seconds = (performance.now() - started) / 1_000;
  for (const table of ['terminology_concept', 'terminology_relation'])
    await client.query(`DROP TABLE bench_${table}`);
  return seconds;
}

const SNOMED = 'http://snomed.info/sct';
const ICD9 = 'http://hl7.org/fhir/sid/icd-9-cm';
const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
/** In an order that meets nothing twice and has no neighbours. */
const spread = (n: number): number => (n * 7_919) % 99_991;

async function measureLookups(engine: RunningEngine, client: pg.Client, concepts: number): Promise<void> {
  const fhir = await FhirClient.open(
    engine.httpPort,
    (await readFile(join(engine.home, 'token'), 'utf8')).trim(),
  );
  const asked = {
    translate: (n: number) =>
      `/ConceptMap/$translate?system=${encodeURIComponent(ICD9)}&code=${dottedIcd9(spread(n))}&targetsystem=${encodeURIComponent(ICD10)}`,
    'validate-code': (n: number) =>
      n % 2 === 0
        ? `/CodeSystem/$validate-code?url=${encodeURIComponent(SNOMED)}&code=${concept(spread(n) % concepts)}`
        : `/CodeSystem/$validate-code?url=${encodeURIComponent(ICD10)}&code=${dottedIcd10(spread(n))}`,
  };
  const bare = await bareReads(client, concepts);
  for (const [name, path] of Object.entries(asked)) {
    const times = await timed(WARM_UP, REQUESTS, async (n) => {
      const answer = await fhir.request('GET', path(n));
      expectStatus(answer, 200);
      if (!answer.body.includes('"valueBoolean":true')) throw new Error(`not found: ${path(n)}`);
    });
    const value = percentile(times, 99);
    const yardstick = percentile(bare, 99);
    const note = `p99 of ${REQUESTS}, p50 ${percentile(times, 50).toFixed(2)}; yardstick: the row by its key, bare`;
    report({
      name: `terminology.lookup.${name}`,
      value,
      unit: 'ms',
      yardstick,
      ratio: value / yardstick,
      note,
    });
  }
  fhir.close();
}

async function bareReads(client: pg.Client, concepts: number): Promise<readonly number[]> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM terminology_load WHERE url = $1', [
    SNOMED,
  ]);
  const text = 'SELECT * FROM terminology_concept WHERE load_id = $1 AND folded = $2';
  return timed(WARM_UP, REQUESTS, async (n) => {
    const values = [rows[0]?.id, concept(spread(n) % concepts)];
    await client.query({ name: 'bench', text, values });
  });
}

async function timed(warmUp: number, count: number, work: (n: number) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < warmUp + count; n += 1) {
    const started = performance.now();
    await work(n);
    if (n >= warmUp) times.push(performance.now() - started);
  }
  return times;
}
