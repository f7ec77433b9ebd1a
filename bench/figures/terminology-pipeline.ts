import { mapMessage } from '../../src/clinical/mapping/index.ts';
import { type RecordWrite, recordReader } from '../../src/clinical/record/index.ts';
import { createTranslator, openTerminology, type Translator } from '../../src/clinical/terminology/index.ts';
import { attachEmbedded, type Database, openDatabase } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';
import { startEngine } from '../harness/engine.ts';
import { report } from '../harness/report.ts';
import { localCodes, localResultMessage } from '../harness/result-message.ts';

const BATCH = 32;
const SECONDS = 3;
const SENDER = 'laboratory';

/**
 * What translating the twelve codes of a message costs beside mapping it, in batches as the pipeline has them, the maps of the record read from a
 * real PostgreSQL. Must 1 ms, aim 0.2 ms a message. Yardstick: parsing and mapping the same message without translation.
 */
export async function terminologyPipeline(): Promise<void> {
  const engine = await startEngine({
    config: 'bench/configs/results.config.ts',
    environment: { BENCH_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
  });
  try {
    const url = await attachEmbedded({ home: engine.home, logger: silentLogger });
    if (!url) throw new Error('the PostgreSQL of the engine is not there');
    const database = await openDatabase({ url, logger: silentLogger });
    try {
      await measure(database);
    } finally {
      await database.close();
    }
  } finally {
    await engine.stop();
  }
}

async function measure(database: Database): Promise<void> {
  await mapLocalCodes(database);
  const translator = createTranslator(openTerminology({ database }));
  const yardstick = mappingMs();
  const known = await translatingMs(database, translator, { name: 'bench', prefix: 'L' });
  const note = 'yardstick: parsing and mapping the same message';
  report({
    name: 'terminology.pipeline',
    value: known,
    unit: 'ms',
    yardstick,
    ratio: known / yardstick,
    note,
  });
  const unmapped = await translatingMs(database, translator, { name: 'bench', prefix: 'X' });
  report({
    ...{ name: 'terminology.pipeline.unmapped', value: unmapped, unit: 'ms' },
    note: 'the same with twelve codes that nothing translates: counted',
  });
}

/** A ConceptMap of the record for the twelve codes of the messages with the prefix L. */
async function mapLocalCodes(database: Database): Promise<void> {
  const element = localCodes('L').map((code, n) => ({
    code,
    target: [{ code: `${1000 + n}-1`, equivalence: 'equivalent' }],
  }));
  const map = {
    ...{ resourceType: 'ConceptMap', id: 'bench', url: 'http://bench.example/lab', status: 'active' },
    group: [{ source: `urn:isthmus:codes:${SENDER}:L`, target: 'http://loinc.org', element }],
  };
  const record = recordReader(database, { scope: { kind: 'everything' } });
  await record.transaction({ system: 'bench' }, (transaction) =>
    transaction.write([{ op: 'update', method: 'PUT', resource: map }]),
  );
}

const options = { system: SENDER, zone: 'UTC', receivedAt: new Date('2026-01-02T12:00:00Z') };
const mapped = (n: number, prefix: string): readonly RecordWrite[] =>
  mapMessage(parseMessage(localResultMessage(n, prefix)), options).writes;

function mappingMs(): number {
  const messages = Array.from({ length: 500 }, (_, n) => localResultMessage(n, 'L'));
  const run = (seconds: number): number => {
    const started = performance.now();
    const until = started + seconds * 1_000;
    let done = 0;
    for (; performance.now() < until; done += 1)
      mapMessage(parseMessage(messages[done % messages.length] as Buffer), options);
    return (performance.now() - started) / done;
  };
  run(1);
  return run(SECONDS);
}

/** A transaction for each batch, begun before and ended after what is measured, as it is the pipeline's. */
async function translatingMs(
  database: Database,
  translator: Translator,
  { name, prefix }: { readonly name: string; readonly prefix: string },
): Promise<number> {
  const rules = [{ name }];
  const works = Array.from({ length: BATCH }, (_, n) => ({
    ...{ rules, sender: SENDER, messageId: n, writes: mapped(n, prefix) },
  }));
  const run = async (seconds: number): Promise<number> => {
    const until = performance.now() + seconds * 1_000;
    let spent = 0;
    let done = 0;
    while (performance.now() < until) {
      await database.transaction(async (transaction) => {
        const started = performance.now();
        await translator.translate(transaction, works);
        spent += performance.now() - started;
      });
      done += BATCH;
    }
    return spent / done;
  };
  await run(1);
  return run(SECONDS);
}
