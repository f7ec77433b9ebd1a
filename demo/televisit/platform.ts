import { join } from 'node:path';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { listenOnFreePort, type Report, UsageError } from '../process/index.ts';
import { WaitingRoom } from './board.ts';
import { createEngineApi } from './engine-api.ts';
import { Ledger } from './ledger.ts';
import { type PlatformParts, Puller } from './puller.ts';
import { createSite } from './site.ts';
import { Visiting } from './visiting.ts';
import { createVerifier } from './webhook.ts';

export interface PlatformOptions {
  readonly engine: string;
  readonly tokenFile: string;
  /** `whsec_…`, shared with the engine. */
  readonly secret: string;
  readonly host: string;
  readonly port: number;
  readonly home: string;
  readonly authority: string;
  readonly dueAfterPulls: number;
  readonly report: Report;
}

/** Runs the simulated telehealth platform until the signal aborts. */
export async function runPlatform(options: PlatformOptions, signal: AbortSignal): Promise<void> {
  const { report, authority, dueAfterPulls } = options;
  const verify = verifierOf(options.secret);
  const ledger = await Ledger.open(join(options.home, 'televisit.ndjson'));
  const room = new WaitingRoom();
  const parts: PlatformParts = {
    ledger,
    room,
    report,
    api: createEngineApi({ base: options.engine, tokenFile: options.tokenFile }),
    clock: systemClock,
    onChange: () => site.changed(),
  };
  const puller = new Puller(parts);
  const visiting = new Visiting({ parts, puller, authority, dueAfterPulls });
  const site = createSite({
    verify,
    accept: async (id, reference) => {
      const accepted = await puller.accept(id, reference);
      report('notified', { reference, repeat: accepted === 'repeat', taken: accepted !== 'full' });
      site.changed();
      return accepted;
    },
    board: () => room.snapshot(),
    onRefused: (reason) => report('refused', { reason }),
  });
  const port = await listenOnFreePort(site.server, options.host, options.port);
  ledger.reopenRecent();
  report('ready', { url: `http://${options.host}:${port}` });
  const failed = new AbortController();
  const stopping = AbortSignal.any([signal, failed.signal]);
  const giveUp = (reason: unknown): never => {
    failed.abort();
    throw reason;
  };
  try {
    await Promise.all([
      puller.run(stopping, () => visiting.look()).catch(giveUp),
      visiting.run(stopping).catch(giveUp),
    ]);
  } finally {
    await site.stop();
    await ledger.close();
    report('stopped', { pulled: puller.pulls() });
  }
}

function verifierOf(secret: string): ReturnType<typeof createVerifier> {
  try {
    return createVerifier(secret);
  } catch {
    throw new UsageError('--secret-file does not hold a webhook secret: whsec_ followed by base64');
  }
}
