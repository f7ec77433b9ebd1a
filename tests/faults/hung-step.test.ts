import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createChannels, type Message } from '../../src/exchange/channels/index.ts';
import { connectorKinds } from '../../src/exchange/connectors/index.ts';
import { createQueueEngine, type QueueEvents } from '../../src/exchange/queue/index.ts';
import { createAudit } from '../../src/foundation/audit/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { load, temporaryFolder } from '../channels/support.ts';
import { eventually, freePort } from '../support/index.ts';
import { assertKept } from './support/checker.ts';
import { claimsOf } from './support/claims.ts';
import { testMessage } from './support/messages.ts';
import { mllpReceiver } from './support/receiver.ts';
import { Cleanup, drained, History, judged, newDatabase } from './support/rig.ts';
import { LockstepSender } from './support/sender.ts';

/** Reliability A14: a step of the configuration that never ends, on one message of many. */

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

test.each([
  ['never ends', 'for (;;);'],
  ['ends its own thread', 'process.exit(3);'],
  ['waits for ever', 'return new Promise(() => {});'],
  ['fills the memory', 'const all = []; for (;;) all.push(new Array(1e6).fill({}));'],
])('[A14] a step that %s: ended within 5 s, its message is parked, the other keys flow', async (_, body) => {
  const history = new History();
  const { url, database } = await newDatabase(cleanup, 8);
  const peer = cleanup.add(await mllpReceiver(history, 'ward'), (one) => one.stop());
  const engine = createQueueEngine({
    database,
    clock: systemClock,
    logger: silentLogger,
    audit: createAudit(database),
  });
  const parked: QueueEvents['parked'][] = [];
  engine.events.on('parked', (event) => void parked.push(event));
  await engine.start();
  const folder = temporaryFolder();
  const channels = createChannels({
    engine,
    kinds: { ...connectorKinds, steps: [] },
    keysOf: (message: Message) => [message.text('PID-3.1')],
    clock: systemClock,
    logger: silentLogger,
    environment: {},
    home: join(folder, 'home'),
    stepWorker: { maxHeapMb: 64 },
  });
  cleanup.add(engine, (one) => one.stop());
  cleanup.add(channels, (one) => one.stop());
  const port = await freePort();
  await channels.start(
    await load(
      `import { channel, defineConfig, mllp, system, transform } from 'isthmus';
       const hang = (message) => { if (message.text('ZFT-1') === 'poison') { ${body} } return undefined; };
       export default defineConfig({
         systems: { ward: system({ mllp: { host: '127.0.0.1', port: ${peer.port} } }) },
         channels: [channel('adt', { from: mllp({ port: ${port} }), steps: [transform(hang, { timeoutMs: 1_000 })], to: [mllp('ward')] })],
       });`,
      folder,
    ),
  );
  const sender = new LockstepSender({
    history,
    channel: 'adt',
    port: () => port,
    destinations: () => ['ward'],
  });
  cleanup.add(sender, (one) => one.stop());
  for (let n = 0; n < 30; n += 1) await sender.send(testMessage({ uid: `before${n}`, keys: [`P${n % 3}`] }));
  await sender.send(testMessage({ uid: 'poison', keys: ['P0'] }));
  const began = performance.now();
  for (let n = 0; n < 30; n += 1) await sender.send(testMessage({ uid: `after${n}`, keys: [`P${n % 3}`] }));

  await eventually(() => parked.length === 1, { deadlineMs: 15_000, what: 'the message parked' });
  expect(performance.now() - began).toBeLessThan(5_000);
  await drained(url, { openMayBe: 11 });
  const { open } = await claimsOf(url);
  expect(open.map(({ uid }) => uid)).toContain('poison');
  expect(open).toHaveLength(11);
  assertKept(await judged(history, url));
  expect(history.deliveredTo('ward')).toBe(50);
});
