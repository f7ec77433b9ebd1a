import { newHome, startEngine } from '../harness/engine.ts';
import { percentile, report } from '../harness/report.ts';

const idleMs = 5_000;

/** Process start to ready with an existing data directory (must 3 s, aim 1.5), and resident memory when idle (must 150 MB, aim 100), in the demo's configuration. */
export async function startAndFootprint(): Promise<void> {
  const home = await newHome();
  const options = {
    config: 'demo/isthmus.config.ts',
    home,
    environment: { TELEVISIT_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
  };
  await (await startEngine(options)).stop(true);
  const starts: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const engine = await startEngine(options);
    starts.push(engine.startMs);
    if (run === 2) {
      await new Promise((resolve) => setTimeout(resolve, idleMs));
      report({ name: 'footprint', value: (await engine.rss()) / 1e6, unit: 'MB' });
    }
    await engine.stop(run < 2);
  }
  report({ name: 'start', value: percentile(starts, 50) / 1_000, unit: 's', note: 'median of 3' });
}
