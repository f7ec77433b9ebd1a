import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type ChannelsEvents,
  loadConfig,
  type Message,
  readRecording,
  recordTraffic,
  replayTraffic,
} from '../../src/exchange/channels/index.ts';
import type { MessageDraft } from '../../src/exchange/queue/index.ts';
import { createEvents } from '../../src/foundation/events/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { checkKinds, temporaryFolder, writeFiles } from './support.ts';

const key = Buffer.alloc(32, 7);

const draftOf = (body: string | Uint8Array, more: Partial<MessageDraft> = {}): MessageDraft => ({
  body: Buffer.from(body),
  contentType: 'application/hl7-v2',
  type: 'ADT^A04',
  sender: 'EHR|GENERAL',
  keys: ['GENERAL|M1'],
  correlationId: 'c',
  reuse: 'refuse',
  ...more,
});

/** Records these messages and reads them back. */
async function record(drafts: readonly MessageDraft[], more: { identified?: boolean; limit?: number } = {}) {
  const events = createEvents<Pick<ChannelsEvents, 'accepted'>>();
  const file = join(temporaryFolder(), 'recording.ndjson');
  const recorder = await recordTraffic({ events, file, key, logger: silentLogger, ...more });
  for (const [index, draft] of drafts.entries()) {
    const message = {
      messageId: index,
      sequence: index,
      receivedAt: new Date('2026-01-05T10:15:00Z'),
      duplicate: false,
    };
    events.emit('accepted', { channel: 'adt', draft, message });
  }
  if (more.limit === undefined) await recorder.stop();
  else await recorder.done;
  const messages = [];
  for await (const message of readRecording(file)) messages.push(message);
  return {
    file,
    recorder,
    messages,
    bodies: messages.map(({ body }) => Buffer.from(body, 'base64').toString('latin1')),
  };
}

const canaries = [
  'Muster',
  'Erika',
  '19700101',
  'Hauptstrasse',
  'Musterstadt',
  '12345',
  '5557771234',
  'erika@home.example',
  'MRN77',
  'SSN999',
  'VISIT5',
  'Weber',
  'lives alone',
  'bitten by a dog',
  'ZSECRET',
  'Jane',
  'POLICY1',
];
const message = [
  'MSH|^~\\&|EHR|GENERAL|ISTHMUS|HUB|20260105101500||ADT^A04^ADT_A01|CTRL1|P|2.5.1',
  'EVN||20260105101500',
  'PID|1||MRN77^^^GENERAL^MR~SSN999^^^USA^SS||Muster^Erika||19700101|F||2106-3^White^CDCREC|Hauptstrasse 1^^Musterstadt^NY^12345^USA||5557771234^PRN^PH^erika@home.example',
  'NK1|1|Muster^Jane|SPO^Spouse lives alone|Hauptstrasse 1',
  'PV1|1|O|CLINIC^ROOM^1^GENERAL||||1234567890^Weber^Jane^^^^^^NPI||||||||||||VISIT5^^^GENERAL^VN|||||||||||||||||||||||||20260105100000',
  'NTE|1||Patient lives alone',
  'OBX|1|NM|8867-4^Heart rate^LN||72|/min^^UCUM|60-100||||F|||20260105101000',
  'OBX|2|TX|11506-3^Note^LN||bitten by a dog||||||F',
  'OBX|3|NM|8867-4^Heart rate^LN||Muster said 72||||||F',
  'IN1|1|PLAN|9999|Insurer of Muster||||||||||||Muster^Erika||19700101||||||||||||||||||POLICY1',
  'ZZZ|ZSECRET|Muster',
  '',
].join('\r');

describe('de-identification', () => {
  test('[CH80] of an HL7 v2 message nothing that identifies stays, and what the steps need does', async () => {
    const { bodies, messages } = await record([draftOf(message)]);
    const [body = ''] = bodies;
    for (const canary of canaries) expect(body).not.toContain(canary);
    expect(messages[0]).toMatchObject({ channel: 'adt', deidentified: true, receivedAt: '2026' });
    expect(body).toContain('MSH|^~\\&|EHR|GENERAL|ISTHMUS|HUB|');
    expect(body).toContain('|ADT^A04^ADT_A01|');
    expect(body).toMatch(/PID\|1\|\|[A-Z]{3}\d{7,}\^\^\^GENERAL\^MR~/);
    expect(body).toContain('|F||2106-3^^CDCREC|1 Example Street^^Exampleton^NY^^USA|');
    expect(body).toContain('OBX|1|NM|8867-4^^LN||72|/min^^UCUM|60-100||||F|');
    expect(body).toContain('OBX|2|TX|11506-3^^LN||[text]|');
    expect(body).toContain('OBX|3|NM|8867-4^^LN||||');
    expect(body).toContain('\rZZZ\r');
  });

  test('[CH81] the same patient stays the same, with one distance between all dates', async () => {
    const later = message.replaceAll('20260105', '20260125').replace('CTRL1', 'CTRL2');
    const { bodies } = await record([draftOf(message), draftOf(later)]);
    const [first = '', second = ''] = bodies.map((body) =>
      body.split('\r').find((line) => line.startsWith('PID')),
    );
    expect(first).toBe(second);
    const dates = bodies.map((body) => /EVN\|\|(\d{8})101500/.exec(body)?.[1] ?? '');
    const day = (text: string) =>
      Date.UTC(+text.slice(0, 4), +text.slice(4, 6) - 1, +text.slice(6)) / 86_400_000;
    expect(day(dates[1] ?? '') - day(dates[0] ?? '')).toBe(20);
    expect(dates[0]).not.toBe('20260105');
  });

  test('[CH81] empty and null keep their meaning', async () => {
    const { bodies } = await record([draftOf(message.replace('Muster^Erika||19700101', '""||'))]);
    expect(bodies[0]).toMatch(/PID\|1\|\|[^|]*\|\|""\|\|\|F\|/);
  });

  test('[CH82] of a JSON body only codes, structure and measurements stay', async () => {
    const body = {
      resourceType: 'Observation',
      status: 'final',
      id: 'MRN77',
      subject: { reference: 'Patient/MRN77', display: 'Erika Muster' },
      effectiveDateTime: '2026-01-05T10:15:00Z',
      valueQuantity: { value: 7.4, unit: '%' },
      phone: '5557771234',
      zip: 12345,
      note: [{ text: 'Patient lives alone' }],
      mrn: 5557771234,
      name: [{ family: 'Muster', given: ['Erika'] }],
      'Muster Erika': true,
    };
    const { bodies } = await record([
      draftOf(JSON.stringify(body), { contentType: 'application/fhir+json' }),
    ]);
    for (const canary of [...canaries, '2026-01-05']) expect(bodies[0]).not.toContain(canary);
    const clean = JSON.parse(bodies[0] ?? '{}');
    expect(clean).toMatchObject({
      resourceType: 'Observation',
      status: 'final',
      valueQuantity: { value: 7.4 },
    });
    expect(clean.subject.reference).toBe(`Patient/${clean.id}`);
  });

  test('[CH83] what nobody knows how to de-identify is left out, and so is what does not parse', async () => {
    const { recorder, messages } = await record([
      draftOf('free text about Muster', { contentType: 'text/plain' }),
      draftOf('PID|Muster'),
      draftOf('{"name":', { contentType: 'application/json' }),
    ]);
    expect(messages).toEqual([]);
    expect(recorder).toMatchObject({ recorded: 0, leftOut: 3 });
  });

  const segments = ['PID', 'PV1', 'OBX', 'NK1', 'GT1', 'IN1', 'ZXY', 'NTE', 'AL1', 'ABC'];
  test.each(segments)('[CH83] no text in any field of %s survives, known segment or not', async (name) => {
    const joins = ['^', '~', '&', '\\E\\', '^^^'];
    const drafts = joins.map((join) => {
      const value = `Canary Person${join}Canary Person${join}Canary Person`;
      return draftOf(`${message.split('\r')[0]}\r${name}${`|${value}`.repeat(40)}\r`);
    });
    const { bodies } = await record(drafts);
    expect(bodies).toHaveLength(joins.length);
    for (const body of bodies) {
      expect(body).not.toContain('Canary Person');
      expect(body).toContain(`\r${name}`);
    }
  });
});

describe('recording', () => {
  test('[CH84] with --identified a message is byte for byte what was accepted, and the file is its owner’s alone', async () => {
    const { file, bodies } = await record([draftOf(message)], { identified: true });
    expect(bodies[0]).toBe(message);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('[CH84] it ends by itself at its limit', async () => {
    const { messages } = await record([draftOf(message), draftOf(message), draftOf(message)], { limit: 2 });
    expect(messages).toHaveLength(2);
  });

  test('[CH84] a file that is no recording is refused with its line', async () => {
    const folder = writeFiles({ 'bad.ndjson': '\n{"channel":1}\n' });
    const read = async () => {
      for await (const line of readRecording(join(folder, 'bad.ndjson'))) expect(line).toBeUndefined();
    };
    await expect(read()).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      place: expect.stringMatching(/bad\.ndjson:2$/),
    });
  });
});

describe('replaying', () => {
  const config = (step: string) => `
    import { channel, defineConfig, ehr, filter, event, mllp, system, transform } from 'isthmus';
    export default defineConfig({
      systems: { general: ehr(), lab: system({ mllp: { host: '127.0.0.1', port: 2600 } }) },
      channels: [channel('adt', { from: mllp({ port: 2575 }), steps: [${step}], to: [mllp('lab')] })],
    });`;

  async function replay(before: string, after: string, drafts: readonly MessageDraft[]) {
    const { file } = await record(drafts);
    const home = temporaryFolder();
    const load = async (text: string) =>
      loadConfig(join(writeFiles({ 'isthmus.config.ts': text }), 'isthmus.config.ts'), { home });
    const keysOf = (each: Message) => [`GENERAL|${each.text('PID-3.1')}`];
    const configs = { file, before: await load(before), after: await load(after) };
    return await replayTraffic(configs, { kinds: checkKinds, keysOf, environment: {}, home });
  }

  const drafts = ['A04', 'A08', 'A03'].map((each) => draftOf(message.replace('A04', each)));

  test('[CH85] the same configuration gives the same plans', async () => {
    expect(await replay(config(''), config(''), drafts)).toMatchObject({
      messages: 3,
      same: 3,
      different: 0,
    });
  });

  test('[CH85] a changed step shows which messages it changes, and how', async () => {
    const report = await replay(
      config(`filter(event('A04', 'A08'))`),
      config(
        `filter(event('A04', 'A03')), transform((message) => { if (message.event === 'A04') message.set('PV1-2', 'I'); })`,
      ),
      drafts,
    );
    expect(report).toMatchObject({ messages: 3, same: 0, different: 3 });
    expect(report.differences.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(report.differences[0]?.diff.join('\n')).toContain('PV1|1|I|');
    expect(report.differences[1]?.diff.join('\n')).toContain('+   "filtered": "channels.adt.steps[0]"');
  });
});
