import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { attachEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { type RunningEngine, startEngine } from '../harness/engine.ts';
import { expectStatus, FhirClient } from '../harness/fhir-client.ts';
import { synthea } from '../harness/population.ts';
import { percentile, report } from '../harness/report.ts';
import type { World } from '../harness/world.ts';
import { plainInserts } from '../harness/yardsticks.ts';
import { crudMix } from './record-crud.ts';
import { everything } from './record-everything.ts';
import { latenciesOf } from './record-latency.ts';

const SMALL = 50_000;
const LARGE = 1_000_000;

/**
 * The figures of the record, on one engine with Synthea's patients multiplied: import, crud, read and search latencies, everything; with
 * `--full` again at a million resources, relative to fifty thousand.
 */
export async function record(full: boolean): Promise<void> {
  const population = synthea();
  const engine = await startEngine({ config: 'bench/configs/record.config.ts' });
  try {
    const token = readFileSync(join(engine.home, 'token'), 'utf8').trim();
    const world = { engine, token, population };
    await postAll(world, population.shared, 1);
    const imported = await importUntil(world, 0, SMALL);
    const yardstick = await plainInserts(Math.round(imported.bytes / imported.resources), 40_000);
    const { rate } = imported;
    report({ name: 'record.import', value: rate, unit: 'resources/s', yardstick, ratio: rate / yardstick });
    await crudMix(world);
    await checkpointed(engine);
    const small = await latenciesOf(world, imported.patients);
    tellLatencies(small);
    await everything(world);
    if (!full) return;
    await importUntil(world, imported.patients, LARGE - imported.resources);
    await checkpointed(engine);
    const large = await latenciesOf(world, imported.patients);
    for (const name of ['read', 'search'] as const) {
      const [value, yardstick] = [percentile(large[name], 99), percentile(small[name], 99)];
      report({
        ...{ name: `record.growth.${name}`, value, unit: 'ms', yardstick, ratio: value / yardstick },
        note: 'p99 at 1M resources; yardstick: at 50k',
      });
    }
  } finally {
    await engine.stop();
  }
}

function tellLatencies(small: {
  readonly read: readonly number[];
  readonly search: readonly number[];
}): void {
  for (const name of ['read', 'search'] as const) {
    const note = `p50 ${percentile(small[name], 50).toPrecision(3)} ms`;
    report({ name: `record.${name}`, value: percentile(small[name], 99), unit: 'ms p99', note });
  }
}

/** What a load has left to be written must not be counted into what comes after it. */
async function checkpointed(engine: RunningEngine): Promise<void> {
  const url = await attachEmbedded({ home: engine.home, logger: silentLogger });
  if (!url) throw new Error('the PostgreSQL of the engine is not there');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
  await client.end();
}

const CLIENTS = 4;
/** Bundles are made before the clock runs. */
const AHEAD = 80;

interface Imported {
  readonly patients: number;
  readonly resources: number;
  readonly bytes: number;
  /** Resources per second. */
  readonly rate: number;
}

/** Posts patients from the `first` on until so many resources are there. */
async function importUntil(world: World, first: number, resources: number): Promise<Imported> {
  let [patients, done, bytes, seconds] = [first, 0, 0, 0];
  while (done < resources) {
    const bundles = Array.from({ length: AHEAD }, (_, n) => world.population.bundle(patients + n));
    const started = performance.now();
    await postAll(
      world,
      bundles.map(({ text }) => text),
      CLIENTS,
    );
    seconds += (performance.now() - started) / 1_000;
    patients += bundles.length;
    done += bundles.reduce((sum, { entries }) => sum + entries, 0);
    bytes += bundles.reduce((sum, { text }) => sum + text.length, 0);
  }
  return { patients, resources: done, bytes, rate: done / seconds };
}

async function postAll({ engine, token }: World, texts: readonly string[], clients: number): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = await FhirClient.open(engine.httpPort, token);
      for (let text = texts[next++]; text !== undefined; text = texts[next++])
        expectStatus(await client.request('POST', '', text, 'Prefer: return=minimal\r\n'), 200);
      client.close();
    }),
  );
}
