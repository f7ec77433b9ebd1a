import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Config,
  createPlanner,
  createStepHost,
  type LoadedConfig,
  type RecordRequest,
  resolveChannels,
  type StepHost,
  type StepKind,
} from '../../src/exchange/channels/index.ts';
import type { Plan } from '../../src/exchange/queue/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { adt, checkKinds, entryOf, load, temporaryFolder } from './support.ts';

const hosts: StepHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

async function stepHost(
  loaded: LoadedConfig,
  more: { maxHeapMb?: number; longestLimitMs?: number } = {},
): Promise<StepHost> {
  const host = await createStepHost({
    module: loaded.module,
    home: temporaryFolder(),
    clock: systemClock,
    logger: silentLogger,
    ...more,
  });
  hosts.push(host);
  return host;
}

const stamp: StepKind = {
  name: 'stamp',
  options: z.unknown(),
  create: () => (work) => ({ outcome: 'next', work: [{ ...work, facts: { stamped: work.message.type } }] }),
};
const kinds = [...checkKinds.steps, stamp];

/** The planner of the first channel of a configuration written with these steps and destinations. */
async function plannerOf(channel: string, more: Parameters<typeof stepHost>[1] = {}) {
  const loaded = await load(`
    import * as isthmus from 'isthmus';
    const { by, channel, defineConfig, directory, ehr, enrich, event, filter, identify, mllp, record, split, step, system, telehealth, transform, webhook } = isthmus;
    const systems = {
      general: ehr({ authority: '1.2.3' }), televisit: telehealth(), lab: system(), stranger: system({ trust: 'outside' }),
    };
    export default defineConfig({ systems, channels: [channel('adt', { from: mllp({ port: 2575 }), ${channel} })] });`);
  const host = await stepHost(loaded, more);
  const [resolved] = resolveChannels(loaded.config as Config);
  const planner = createPlanner(resolved!, { kinds, functions: host });
  const plan = (content: Uint8Array = adt(), type = 'ADT^A04') =>
    Promise.resolve(planner(entryOf(content, { type })));
  return { plan, host };
}

const text = (content: Uint8Array | undefined) => Buffer.from(content ?? []).toString();
const goOf = (plan: Plan) => {
  if (plan.outcome !== 'go') throw new Error(`planned ${plan.outcome}`);
  return plan;
};

describe('routing', () => {
  test('[CH30] an untouched message goes out without content of its own', async () => {
    const { plan } = await plannerOf(`to: [mllp('lab'), mllp('televisit', { only: event('A08') })]`);
    expect(await plan()).toEqual({ outcome: 'go', outgoing: [{ queue: 'adt>lab' }], effects: [] });
    expect(goOf(await plan(adt('A08'), 'ADT^A08')).outgoing).toEqual([
      { queue: 'adt>lab' },
      { queue: 'adt>televisit' },
    ]);
  });

  test('[CH30] a step that only reads leaves a message untouched', async () => {
    const { plan } = await plannerOf(
      `steps: [transform((message) => { message.text('PID-5'); }), filter(() => true)], to: [mllp('lab')]`,
    );
    expect(goOf(await plan()).outgoing).toEqual([{ queue: 'adt>lab' }]);
  });

  test('[CH31] what no destination wants, and what a filter stops, is filtered with the place', async () => {
    const { plan } = await plannerOf(
      `steps: [filter(event('A04', 'A08')), filter((message) => message.text('PID-8') === 'F')], to: [mllp('lab', { only: event('A04') })]`,
    );
    expect(await plan(adt('A08'), 'ADT^A08')).toEqual({
      outcome: 'filtered',
      reason: 'channels.adt.to: no destination wants it',
    });
    expect(await plan(adt('A03'), 'ADT^A03')).toEqual({
      outcome: 'filtered',
      reason: 'channels.adt.steps[0]',
    });
    expect(await plan(Buffer.from(adt().toString().replace('|F\r', '|M\r')))).toEqual({
      outcome: 'filtered',
      reason: 'channels.adt.steps[1]',
    });
  });

  test('[CH32] the record gets the message, the facts, and the queues that are told of changes', async () => {
    const { plan } = await plannerOf(
      `steps: [identify(), step('tag', { name: 'x' }), step('stamp')], to: [record(), webhook('televisit'), mllp('lab')]`,
    );
    const { outgoing, effects } = goOf(await plan());
    expect(outgoing).toEqual([{ queue: 'adt>lab' }]);
    const [effect] = effects;
    expect(effect?.kind).toBe('record');
    const request = effect?.value as RecordRequest;
    expect(request).toMatchObject({
      channel: 'adt',
      system: 'general',
      authority: '1.2.3',
      type: 'ADT^A04',
      notify: ['adt>televisit'],
    });
    expect(request.facts).toEqual({ stamped: 'ADT^A04' });
    expect(text(request.content)).toBe(text(adt()));
  });

  test('[CH33] HL7 v2 that stayed untouched never leaves its trust group', async () => {
    const { plan } = await plannerOf(
      `steps: [transform((message) => { if (message.event === 'A08') message.set('PID-19', ''); })], to: [mllp('stranger')]`,
    );
    expect(goOf(await plan(adt('A08'), 'ADT^A08')).outgoing).toHaveLength(1);
    const parked = await plan();
    expect(parked).toMatchObject({
      outcome: 'park',
      error: { code: 'RAW_UNTRUSTED', place: 'channels.adt.to[0]' },
    });
  });

  test('[CH34] a destination has steps of its own; the others do not see what they did', async () => {
    const { plan } = await plannerOf(
      `to: [mllp('lab', { steps: [transform((message) => message.set('PV1-2', 'I'))] }), mllp('televisit')]`,
    );
    const { outgoing } = goOf(await plan());
    expect(text(outgoing[0]?.content)).toBe(text(adt()).replace('PV1|1|O|', 'PV1|1|I|'));
    expect(outgoing[1]).toEqual({ queue: 'adt>televisit' });
  });
});

describe('functions of the configuration', () => {
  test('[CH20] they edit by path; what they do not touch keeps its bytes', async () => {
    const { plan } = await plannerOf(
      `steps: [transform((message) => message.set('PID-5.1', 'M|y&r').set('PID-8', 'U'))], to: [mllp('lab')]`,
    );
    const [out] = goOf(await plan()).outgoing;
    expect(text(out?.content)).toBe(
      text(adt()).replace('Muster^Erika', 'M\\F\\y\\T\\r^Erika').replace('|F\r', '|U\r'),
    );
    expect(out).toMatchObject({ contentType: 'application/hl7-v2', label: 'ADT^A04' });
  });

  test('[CH20] they return text, bytes, an object or nothing', async () => {
    const { plan } = await plannerOf(
      `steps: [transform((message) => ({ mrn: message.text('PID-3.1') })), enrich(async (message) => ({ ...message.json(), at: 1 }))], to: [mllp('stranger')]`,
    );
    const [out] = goOf(await plan()).outgoing;
    expect(JSON.parse(text(out?.content))).toEqual({ mrn: 'M1', at: 1 });
    expect(out?.contentType).toBe('application/json');
  });

  test('[CH21] split makes several; each passes the steps that follow and goes to every destination', async () => {
    const { plan } = await plannerOf(
      `steps: [split((message) => ['a', 'b', 'c'].map((room) => message.copy().set('PV1-3', room))), filter((message) => message.text('PV1-3') !== 'b')], to: [mllp('lab'), mllp('televisit')]`,
    );
    const { outgoing } = goOf(await plan());
    expect(outgoing.map((out) => [out.queue, /PV1\|1\|O\|(\w)/.exec(text(out.content))?.[1]])).toEqual([
      ['adt>lab', 'a'],
      ['adt>televisit', 'a'],
      ['adt>lab', 'c'],
      ['adt>televisit', 'c'],
    ]);
  });

  test('[CH21] split into nothing is filtered', async () => {
    const { plan } = await plannerOf(`steps: [split(() => [])], to: [mllp('lab')]`);
    expect(await plan()).toEqual({ outcome: 'filtered', reason: 'channels.adt.steps[0]' });
  });

  test('[CH22] an exception parks with the step, and its text stays private', async () => {
    const { plan } = await plannerOf(
      `steps: [filter(() => true), transform((message) => { throw new Error('patient ' + message.text('PID-5.1')); })], to: [mllp('lab')]`,
    );
    const parked = await plan();
    if (parked.outcome !== 'park') throw new Error('not parked');
    expect(parked.error).toMatchObject({ code: 'STEP_FAILED', place: 'channels.adt.steps[1]' });
    expect(JSON.stringify(parked.error.toPublic())).not.toContain('Muster');
    expect(parked.error.message).not.toContain('Muster');
    expect(String((parked.error.cause as Error).message)).toContain('Muster');
  });

  test('[CH22] a condition that throws parks with the destination', async () => {
    const { plan } = await plannerOf(
      `to: [mllp('lab'), mllp('televisit', { only: (message) => message.json() })]`,
    );
    expect(await plan()).toMatchObject({
      outcome: 'park',
      error: { code: 'INVALID_REQUEST', place: 'channels.adt.to[1].only body' },
    });
  });

  test('[CH22] content that a step cannot read parks with the place and rule of the standard', async () => {
    const { plan } = await plannerOf(
      `steps: [transform((message) => { message.text('PID-3'); })], to: [mllp('lab')]`,
    );
    expect(await plan(Buffer.from('PID|1\r'))).toMatchObject({
      outcome: 'park',
      error: { code: 'HL7_NO_MSH', place: expect.stringContaining('channels.adt.steps[0]') },
    });
  });

  test('[CH23] a function that hangs the thread is ended; its message is parked and all others come through', async () => {
    const { plan, host } = await plannerOf(
      `steps: [filter(() => true), transform((message) => { if (message.event === 'A31') for (;;); return message.set('PV1-2', 'I'); }, { timeoutMs: 300 })], to: [mllp('lab')]`,
    );
    const before = performance.now();
    const plans = await Promise.all(
      ['A04', 'A31', 'A08', 'A04'].map((event) => plan(adt(event), `ADT^${event}`)),
    );
    expect(plans.map((each) => each.outcome)).toEqual(['go', 'park', 'go', 'go']);
    expect(plans[1]).toMatchObject({ error: { code: 'STEP_TIMEOUT', place: 'channels.adt.steps[1]' } });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(host.restarts).toBe(1);
    expect((await plan()).outcome).toBe('go');
  });

  test('[CH23] one that hangs after it has waited is found by running the suspects alone', async () => {
    const { plan, host } = await plannerOf(
      `steps: [enrich(async (message) => { await new Promise((done) => setTimeout(done, 20)); if (message.event === 'A31') for (;;); return message.set('PV1-2', 'I'); }, { timeoutMs: 300 })], to: [mllp('lab')]`,
      { longestLimitMs: 300 },
    );
    const plans = await Promise.all(['A04', 'A31', 'A08'].map((event) => plan(adt(event), `ADT^${event}`)));
    expect(plans.map((each) => each.outcome)).toEqual(['go', 'park', 'go']);
    expect(plans[1]).toMatchObject({ error: { code: 'STEP_TIMEOUT', place: 'channels.adt.steps[0]' } });
    expect(host.restarts).toBeLessThanOrEqual(2);
  });

  test('[CH23] one that waits for ever is given up without ending the thread', async () => {
    const { plan, host } = await plannerOf(
      `steps: [enrich((message) => message.event === 'A31' ? new Promise(() => {}) : undefined, { timeoutMs: 100 })], to: [mllp('lab')]`,
    );
    const [hung, fine] = await Promise.all([plan(adt('A31'), 'ADT^A31'), plan()]);
    expect(hung).toMatchObject({
      outcome: 'park',
      error: { code: 'STEP_TIMEOUT', place: 'channels.adt.steps[0]' },
    });
    expect(fine?.outcome).toBe('go');
    expect(host.restarts).toBe(0);
  });

  test('[CH24] one that takes all memory, or ends the thread, parks its message alone', async () => {
    const { plan } = await plannerOf(
      `steps: [transform((message) => {
         if (message.event === 'A31') { const all = []; for (;;) all.push(new Array(1e6).fill(message.event)); }
         if (message.event === 'A03') process.exit(1);
       })], to: [mllp('lab')]`,
      { maxHeapMb: 32 },
    );
    const plans = await Promise.all(
      ['A04', 'A31', 'A08', 'A03', 'A04'].map((event) => plan(adt(event), `ADT^${event}`)),
    );
    expect(plans.map((each) => each.outcome)).toEqual(['go', 'park', 'go', 'park', 'go']);
    expect(plans[1]).toMatchObject({ error: { code: 'STEP_FAILED', place: 'channels.adt.steps[0]' } });
  });

  test('[CH25] waiting functions run beside each other', async () => {
    const { plan } = await plannerOf(
      `steps: [enrich(() => new Promise((done) => setTimeout(done, 100)))], to: [mllp('lab')]`,
    );
    await plan();
    const before = performance.now();
    await Promise.all(Array.from({ length: 50 }, () => plan()));
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  test('[CH26] the thread sees no environment of ours', async () => {
    const { plan } = await plannerOf(
      `steps: [transform(() => ({ environment: Object.keys(process.env) }))], to: [mllp('lab')]`,
    );
    expect(JSON.parse(text(goOf(await plan()).outgoing[0]?.content))).toEqual({ environment: [] });
  });

  test('[CH27] JSON is frozen: an edit in place fails loudly instead of being lost', async () => {
    const { plan } = await plannerOf(
      `steps: [transform((message) => { message.json().a = 1; })], to: [mllp('lab')]`,
    );
    expect(await plan(Buffer.from('{"a":0}'), 'visit')).toMatchObject({ outcome: 'park' });
  });
});
