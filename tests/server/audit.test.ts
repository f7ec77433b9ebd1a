import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openDatabase, sql, startEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { freePort } from '../support/index.ts';
import { EngineProcess, isthmus, temporaryHome } from './support.ts';

/** The audit trail of a whole engine on a server of its own, where no other test's transaction puts off what is sealed. One story, in order. */

let environment: Record<string, string> & { PORT: string };
let headFile: string;

const run = (...argv: string[]) => isthmus(argv, environment);
const listed = async (...filter: string[]) => {
  const { out } = await run('admin', 'audit', 'list', '--json', ...filter);
  return (JSON.parse(out) as { entries: { id: number; action: string; actor: string; reason: string }[] })
    .entries;
};
const verify = async () => {
  const { code, out } = await run('admin', 'audit', 'verify', '--json');
  return { code, verdict: JSON.parse(out) as Record<string, unknown> };
};

beforeAll(async () => {
  const home = await temporaryHome();
  headFile = join(home, 'audit-head.json');
  environment = { ISTHMUS_HOME: home, PORT: String(await freePort()) };
  const config = join(home, 'isthmus.config.ts');
  writeFileSync(
    config,
    `import { channel, defineConfig, ehr, identify, mllp, record } from 'isthmus';
export default defineConfig({
  systems: { general: ehr({ authority: '2.16.840.1.113883.19.5' }) },
  channels: [channel('adt', { from: mllp({ port: ${await freePort()}, system: 'general' }), steps: [identify()], to: [record()] })],
});
`,
  );
  const engine = new EngineProcess(config, environment);
  await engine.until('owner');
  await run('queue', 'hold', 'adt', '--reason', 'maintenance at noon');
  await run('queue', 'resume', 'adt', '--reason', 'maintenance is over');
  await run('channels', 'pause', 'adt', '--reason', 'EHR upgrade');
  expect(existsSync(headFile)).toBe(false);
  expect(await engine.stop()).toBe(0);
}, 90_000);

test('a clean stop seals what was recorded, and keeps the head outside the database', async () => {
  expect(JSON.parse(readFileSync(headFile, 'utf8'))).toEqual({ number: 1, hash: expect.any(String) });
  const { code, verdict } = await verify();
  expect([code, verdict]).toEqual([
    0,
    expect.objectContaining({ intact: true, unsealed: 0, anchor: { file: headFile, seal: 1 } }),
  ]);
  expect((await run('admin', 'audit', 'verify')).out).toMatch(
    /^the audit trail is as it was sealed: \d entries under 1 seals\nseal 1 is the one that is kept in /,
  );
}, 60_000);

test('it is listed by time, actor, action and target, newest first and in pages', async () => {
  const queue = await listed('--action', 'queue');
  expect(queue.map(({ action, reason }) => [action, reason])).toEqual([
    ['queue.resume', 'maintenance is over'],
    ['queue.hold', 'maintenance at noon'],
  ]);
  expect(await listed('--action', 'que')).toEqual([]);
  const actor = queue[0]?.actor ?? '';
  expect(await listed('--actor', actor, '--target', 'adt', '--since', '1h')).toEqual(queue);
  expect(await listed('--since', '2999-01-01', '--action', 'queue')).toEqual([]);
  const page = ['--action', 'queue', '--limit', '1'];
  expect(await listed(...page, '--before', String(queue[0]?.id))).toEqual([queue[1]]);
  const { out } = await run('admin', 'audit', 'list', ...page);
  expect(out).toMatch(
    /entry +recorded \(UTC\) +actor .*\n.*queue\.resume .*maintenance is over\nmore with --before \d+\n/,
  );
  // Who looked into the trail stands in it.
  expect((await listed('--action', 'audit.list')).length).toBeGreaterThan(5);
}, 60_000);

test('verify says what is wrong and where, and ends with 1', async () => {
  const server = await startEmbedded({ home: environment.ISTHMUS_HOME ?? '', logger: silentLogger });
  // What the owner of the database can do: the triggers stop only the application.
  const url = `${server.url}&options=-c%20session_replication_role%3Dreplica`;
  const database = await openDatabase({ url, logger: silentLogger, poolSize: 2 });
  try {
    const tamper = (text: string) => database.query(sql(`tamper.${text}`.slice(0, 60), text));
    await tamper(`UPDATE audit_entry SET reason = 'nothing to see' WHERE action = 'queue.hold'`);
    const altered = await verify();
    expect([altered.code, altered.verdict]).toEqual([
      1,
      expect.objectContaining({ intact: false, finding: 'altered', seal: 1, afterEntry: 0 }),
    ]);
    const { code, out, err } = await run('admin', 'audit', 'verify');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/altered at seal 1 .*\n {2}entries in question: after 0 to \d+, sealed 20/);
    expect(err).not.toContain('nothing to see');
    await tamper(`DELETE FROM audit_entry WHERE action = 'queue.hold'`);
    expect((await verify()).verdict).toMatchObject({ finding: 'removed', seal: 1 });
    await tamper('DELETE FROM audit_entry');
    await tamper('DELETE FROM audit_seal');
    expect((await verify()).verdict).toMatchObject({ finding: 'cut off', seal: 1 });
    rmSync(headFile);
    expect((await run('admin', 'audit', 'verify')).out).toContain('no head is kept in');
    writeFileSync(headFile, '{"number":0}');
    expect((await run('admin', 'audit', 'verify')).err).toContain('it is not the head of an audit trail');
  } finally {
    await database.close();
    await server.stop();
  }
}, 60_000);
