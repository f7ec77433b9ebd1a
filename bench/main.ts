/**
 * npm run bench [-- NAME…] [-- --full]. Each bench measures one or more figures of docs/reference/bench.md on engines of their own, one
 * after the other, and prints one JSON line a figure. NAME selects figures whose names begin so.
 */
import { backlog } from './figures/backlog.ts';
import { identity } from './figures/identity.ts';
import { intake } from './figures/intake.ts';
import { latencyRelay, latencyWebhook } from './figures/latency.ts';
import { mappingOnly, mappingPipeline } from './figures/mapping.ts';
import { passthroughKey, passthroughStrict } from './figures/passthrough.ts';
import { record } from './figures/record.ts';
import { recordRows } from './figures/record-rows.ts';
import { startAndFootprint } from './figures/start.ts';
import { terminology } from './figures/terminology.ts';
import { terminologyPipeline } from './figures/terminology-pipeline.ts';
import { relayChild } from './harness/yardsticks.ts';

const benches: readonly {
  readonly figures: readonly string[];
  readonly run: (full: boolean) => Promise<void>;
  /** Not a figure of the product: run when it is named. */
  readonly onDemand?: true;
}[] = [
  { figures: ['start', 'footprint'], run: startAndFootprint },
  { figures: ['intake.32'], run: intake },
  { figures: ['passthrough.strict'], run: passthroughStrict },
  { figures: ['passthrough.key.8'], run: passthroughKey },
  { figures: ['latency.ack', 'latency.relay'], run: latencyRelay },
  { figures: ['latency.webhook'], run: latencyWebhook },
  { figures: ['backlog.rss', 'backlog.intake', 'backlog.drain'], run: backlog },
  { figures: ['mapping.only'], run: mappingOnly },
  { figures: ['mapping.pipeline'], run: mappingPipeline },
  {
    figures: [
      'terminology.load',
      'terminology.load.rss',
      'terminology.lookup.translate',
      'terminology.lookup.validate-code',
    ],
    run: terminology,
  },
  { figures: ['terminology.pipeline', 'terminology.pipeline.unmapped'], run: terminologyPipeline },
  {
    figures: [
      'record.import',
      'record.crud',
      'record.read',
      'record.search',
      'record.everything',
      'record.growth',
    ],
    run: record,
  },
  {
    figures: [
      'identity.match.p50',
      'identity.match.p99',
      'identity.match.candidates',
      'identity.feed',
      'identity.rss',
    ],
    run: identity,
  },
  { figures: ['record.rows'], run: recordRows, onDemand: true },
];

async function main(words: readonly string[]): Promise<void> {
  if (words[0] === 'relay-child') return relayChild(Number(words[1]));
  const full = words.includes('--full');
  const names = words.filter((word) => !word.startsWith('--'));
  const chosen = benches.filter(
    (bench) =>
      (names.length === 0 && !bench.onDemand) ||
      names.some((name) =>
        bench.figures.some((figure) => figure.startsWith(name) && (!bench.onDemand || name === figure)),
      ),
  );
  if (chosen.length === 0)
    throw new Error(
      `no figure begins with ${names.join(', ')}; there are ${benches.flatMap((bench) => bench.figures).join(', ')}`,
    );
  for (const bench of chosen) {
    process.stderr.write(`measuring ${bench.figures.join(', ')} …\n`);
    await bench.run(full);
  }
}

await main(process.argv.slice(2));
