import { describe, expect, test } from 'vitest';
import {
  by,
  type ChannelOptions,
  channel,
  createAccept,
  directory,
  ehr,
  event,
  http,
  type Message,
  mllp,
  resolveChannels,
  system,
  telehealth,
} from '../../src/exchange/channels/index.ts';
import type { MessageDraft } from '../../src/exchange/queue/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { adt } from './support.ts';

const systems = { general: ehr({ authority: 'GENERAL' }), televisit: telehealth(), lab: system() };
const to = [directory('lab', { path: '/out' })];

/** A channel's accept with an intake that keeps what it is given, or throws. */
function acceptOf(more: Partial<ChannelOptions>, failure?: unknown) {
  const drafts: MessageDraft[] = [];
  const config = { systems, channels: [channel('in', { from: mllp({ port: 2575 }), to, ...more })] };
  const [resolved] = resolveChannels(config);
  const accept = createAccept(resolved!, {
    keysOf: (message: Message, { authority }) =>
      message.isHl7 && message.text('PID-3.1') ? [`${authority}|${message.text('PID-3.1')}`] : [],
    refusal: () => undefined,
    intake(draft) {
      if (failure) return Promise.reject(failure);
      drafts.push(draft);
      return Promise.resolve({ messageId: 1, sequence: 1, receivedAt: new Date(0), duplicate: false });
    },
  });
  return {
    drafts,
    hl7: (body: Uint8Array) => accept({ body, contentType: 'application/hl7-v2', peer: '127.0.0.1:1' }),
    json: (body: string, controlId?: string) =>
      accept({
        body: Buffer.from(body),
        contentType: 'application/json; charset=utf-8',
        peer: 'client-7',
        ...(controlId ? { controlId } : {}),
      }),
  };
}

describe('what is known of a message', () => {
  test('[CH36] HL7 v2: type, sender and control id are those of MSH; the keys come from whoever knows patients', async () => {
    const { hl7, drafts } = acceptOf({});
    expect(await hl7(adt('A08', { controlId: 'C7' }))).toMatchObject({ outcome: 'committed', messageId: 1 });
    expect(drafts[0]).toMatchObject({
      type: 'ADT^A08',
      sender: 'EHR|GENERAL',
      controlId: 'C7',
      keys: ['GENERAL|M1'],
      reuse: 'refuse',
      contentType: 'application/hl7-v2',
    });
    expect(drafts[0]?.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("[CH36] the channel's default authority wins over the system's", async () => {
    const { hl7, drafts } = acceptOf({ defaultAuthority: 'WARD' });
    await hl7(adt());
    expect(drafts[0]?.keys).toEqual(['WARD|M1']);
  });

  test.each([
    ['/resourceType first', '{"type":"visit","resourceType":"Patient"}', {}, 'Patient'],
    ['/type next', '{"type":"visit.finished"}', {}, 'visit.finished'],
    ['where the channel says', '{"event":{"name":"closed"}}', { typeAt: '/event/name' }, 'closed'],
    ['nothing that is no name', '{"type":"Erika Muster"}', {}, ''],
    ['nothing at all', '[1]', {}, ''],
  ])('[CH36] JSON: the type is %s', async (_, body, more, type) => {
    const { json, drafts } = acceptOf({ from: http({ path: '/in' }), ...more });
    await json(body, 'idem-1');
    expect(drafts[0]).toMatchObject({ type, sender: 'client-7', controlId: 'idem-1' });
  });

  test.each([
    ['patient', 'sender:EHR|GENERAL', Buffer.from('MSH|^~\\&|EHR|GENERAL|||20260101||ACK|C1|P|2.5.1\r')],
    ['sender', 'sender:EHR|GENERAL', adt()],
    ['strict', 'GENERAL|M1', adt()],
    ['by a path', 'by:O|ROOM', adt()],
    ['by a path that is empty', 'sender:EHR|GENERAL', adt()],
  ])('[CH38] the key of order %s', async (rule, expected, body) => {
    const orders = { 'by a path': by('PV1-2', 'PV1-3.1'), 'by a path that is empty': by('PV1-19') } as const;
    const order = rule in orders ? orders[rule as keyof typeof orders] : (rule as 'patient');
    const { hl7, drafts } = acceptOf({ order });
    await hl7(body);
    expect(drafts[0]?.keys).toEqual([expected]);
  });

  test('[CH38] order none gives every message a key of its own; JSON is ordered by a pointer', async () => {
    const none = acceptOf({ order: 'none' });
    await none.hl7(adt());
    await none.hl7(adt());
    expect(none.drafts[0]?.keys).not.toEqual(none.drafts[1]?.keys);
    const pointed = acceptOf({ from: http({ path: '/in' }), order: by('/visit/id') });
    await pointed.json('{"visit":{"id":17}}');
    expect(pointed.drafts[0]?.keys).toEqual(['by:17']);
  });
});

describe('what is refused', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

  test.each([
    ['no MSH', acceptOf({}).hl7(Buffer.from('PID|1\r')), 'HL7_NO_MSH', undefined],
    ['no usable delimiters', acceptOf({}).hl7(Buffer.from('MSH|\r')), 'HL7_BAD_DELIMITERS', undefined],
    ['an undecodable identifier', acceptOf({}).hl7(adt('A04', { mrn: 'M\xfc' })), 'HL7_UNDECODABLE', 'PID'],
    [
      'a type that is not taken',
      acceptOf({ takes: event('ORU') }).hl7(adt()),
      'HL7_UNSUPPORTED_MESSAGE',
      'MSH-9',
    ],
    [
      'another environment',
      acceptOf({ processingIds: ['T', 'D'] }).hl7(adt()),
      'HL7_PROCESSING_ID',
      'MSH-11',
    ],
    ['no JSON', acceptOf({ from: http({ path: '/in' }) }).json('{'), 'INVALID_REQUEST', 'body'],
    ['JSON 100,000 deep', acceptOf({ from: http({ path: '/in' }) }).json(deep), 'INVALID_REQUEST', 'byte 64'],
  ])('[CH36] %s, for good', async (_, acceptance, code, place) => {
    expect(await acceptance).toMatchObject({
      outcome: 'refused',
      retry: false,
      error: { code, ...(place ? { place: expect.stringContaining(place) } : {}) },
    });
  });

  test.each([
    ['DATABASE_UNAVAILABLE', true],
    ['DATABASE_FULL', true],
    ['QUEUE_FULL', true],
    ['QUEUE_FENCED', true],
    ['QUEUE_PARK_LIMIT', true],
    ['QUEUE_CONTROL_ID_REUSED', false],
  ] as const)('[CH39] %s: whether to send again is %s', async (code, retry) => {
    expect(await acceptOf({}, new IsthmusError(code)).hl7(adt())).toMatchObject({
      outcome: 'refused',
      retry,
      error: { code },
    });
  });

  test('[CH39] what nobody foresaw is INTERNAL, nothing is thrown, and the sender may try again', async () => {
    expect(await acceptOf({}, new Error('unforeseen')).hl7(adt())).toMatchObject({
      outcome: 'refused',
      retry: true,
      error: { code: 'INTERNAL' },
    });
  });
});
