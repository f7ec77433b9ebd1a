// The fault suite in the sizes of a release: node scripts/faults-large.mjs [--kills 1000] [--losses 1000] [--stops 200] [--only kill,lease]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    losses: { type: 'string', default: '1000' },
    stops: { type: 'string', default: '200' },
    frames: { type: 'string', default: '1000000' },
    answers: { type: 'string', default: '100000' },
    batches: { type: 'string', default: '300' },
    seed: { type: 'string' },
    /** Names of test files, comma-separated; all of those with a size by default. */
    only: { type: 'string', default: 'kill,replies,lease,framing,acknowledgments,visibility' },
  },
});

const root = fileURLToPath(new URL('..', import.meta.url));
const files = values.only.split(',').map((name) => `tests/faults/${name}.test.ts`);
const run = spawn(
  process.execPath,
  [`${root}node_modules/vitest/vitest.mjs`, 'run', '--config', 'vitest.faults.config.ts', ...files],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      FAULTS_KILLS: values.kills,
      FAULTS_LOSSES: values.losses,
      FAULTS_STOPS: values.stops,
      FAULTS_FRAMES: values.frames,
      FAULTS_ANSWERS: values.answers,
      FAULTS_BATCHES: values.batches,
      ...(values.seed ? { FAULTS_SEED: values.seed } : {}),
    },
  },
);
run.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
