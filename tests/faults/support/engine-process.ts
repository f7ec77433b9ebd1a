import { migrations } from '../../../src/exchange/queue/index.ts';
import { migrations as auditMigrations } from '../../../src/foundation/audit/index.ts';
import { systemClock } from '../../../src/foundation/clock/index.ts';
import {
  type Database,
  migrate,
  openDatabase,
  startEmbedded,
} from '../../../src/foundation/database/index.ts';
import { createLogger } from '../../../src/foundation/logging/index.ts';
import type { EngineConfig, EngineWord } from './engine-config.ts';
import { startNode } from './node.ts';
import {
  acknowledgeBeforeCommit,
  asynchronousCommit,
  clockThatStops,
  dedupeByControlId,
  recoveryBesideTheSender,
  withoutDuplicates,
  withoutFence,
} from './variants.ts';

/** A process to kill. Is what FAULTS_ENGINE says, and says on its standard output what becomes of it. */

const config = JSON.parse(process.env.FAULTS_ENGINE ?? '{}') as EngineConfig;
const logger = createLogger({ level: process.env.FAULTS_LOG ? 'info' : 'silent' });
let peakBytes = 0;

const say = (word: EngineWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`);

const breakDatabase: Partial<Record<string, (database: Database) => Database>> = {
  'dedupe-by-control-id': dedupeByControlId,
  'asynchronous-commit': asynchronousCommit,
  'no-fence': withoutFence,
  'clock-that-stops': withoutFence,
  'no-duplicates-known': withoutDuplicates,
  'recovery-beside-the-sender': recoveryBesideTheSender,
};

async function run(): Promise<void> {
  const { variant } = config;
  const server = config.home ? await startEmbedded({ home: config.home, logger }) : undefined;
  const url = server?.url ?? config.url;
  const database = await openDatabase({ url, logger, poolSize: 8, applicationName: config.node });
  if (server) await migrate(database, [...auditMigrations, ...migrations]);
  const node = await startNode(config, {
    database: breakDatabase[variant ?? '']?.(database) ?? database,
    clock: variant === 'clock-that-stops' ? clockThatStops() : systemClock,
    logger,
    ...(variant === 'acknowledge-before-commit' ? { wrapIntake: acknowledgeBeforeCommit } : {}),
    onEngine({ engine, closeSources }) {
      engine.events.on('lease', ({ state, epoch }) => {
        say({ word: 'lease', state, epoch });
        if (state === 'lost') void closeSources();
      });
    },
  });
  const databasePid = server?.pid();
  say({ word: 'ready', ports: node.ports, ...(databasePid === undefined ? {} : { databasePid }) });
  process.once('SIGTERM', () => {
    void node
      .stop()
      .then(() => database.close())
      .then(() => server?.stop())
      .then(() => process.exit(0));
  });
}

setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 5).unref();
process.on('SIGUSR2', () => say({ word: 'memory', peakBytes, nowBytes: process.memoryUsage.rss() }));

/** With what caused it: the text of a database's refusal says why, and a test may print it. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  return error.cause ? `${error.message}: ${explained(error.cause)}` : `${error.name} ${error.message}`;
}

run().catch((error: unknown) => {
  say({ word: 'failed', message: explained(error) });
  process.exit(1);
});
