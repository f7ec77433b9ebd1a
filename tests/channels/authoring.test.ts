import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  checkConfig,
  directory,
  ehr,
  formatMistakes,
  type HttpSourceOptions,
  http,
  type Kinds,
  loadConfig,
  type MllpSourceOptions,
  mllp,
  record,
  type SourceOptions,
  type StepKind,
  secret,
  secretFile,
  sftp,
  system,
  telehealth,
  webhook,
} from '../../src/exchange/channels/index.ts';
import { connectorKinds } from '../../src/exchange/connectors/index.ts';
import { productKinds } from '../../src/server/engine/index.ts';
import { checkKinds, temporaryFolder, writeFiles } from './support.ts';

const closeVisit: StepKind = {
  name: 'closeVisit',
  options: z.strictObject({}),
  create: () => (work) => ({ outcome: 'next', work: [work] }),
};
const kinds: Kinds = { ...connectorKinds, steps: [...checkKinds.steps, closeVisit] };
/** What the documentation shows is held to what the product has. */
const ofProduct = productKinds();
const whsec = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const environment = { TELEVISIT_WEBHOOK_SECRET: whsec, PASSWORD: 'p', TOKEN: 'a token of sixteen and more' };
const check = (config: unknown, folder?: string) =>
  formatMistakes(
    checkConfig(config, {
      kinds: folder === undefined ? kinds : ofProduct,
      environment,
      ...(folder === undefined ? {} : { folder }),
    }),
  );

const howTo = fileURLToPath(new URL('../../docs/how-to/write-a-channel.md', import.meta.url));
const shown = [...readFileSync(howTo, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  (match) => match[1] ?? '',
);

describe('what the documentation shows', () => {
  test.each(shown.map((text, index) => [index + 1, text] as const))(
    '[CH1] configuration %i of the how-to has no mistake',
    async (_, text) => {
      const folder = writeFiles({ 'isthmus.config.ts': text }, temporaryFolder());
      const loaded = await loadConfig(join(folder, 'isthmus.config.ts'), { home: join(folder, 'home') });
      expect(check(loaded.config, folder)).toEqual([]);
    },
  );

  test('[CH1] there are such configurations', () => expect(shown.length).toBeGreaterThanOrEqual(3));
});

const tls = { cert: '/c.pem', key: '/k.pem', ca: '/ca.pem' };
const listen = {
  host: '0.0.0.0',
  tls: { ...tls, clients: ['general'] },
  allowPlaintextOffLoopback: false,
  maxConnections: 9,
  drainTimeoutMs: 1,
};
const hl7 = {
  versions: ['2.5.1'],
  defaultCharset: 'UNICODE UTF-8',
  answerAs: { application: 'A', facility: 'F' },
};
const files = {
  path: '/in',
  pattern: '*.hl7',
  order: 'time',
  contentType: 'text/plain',
  maxFileBytes: 1,
  after: 'delete',
  doneFolder: 'done',
  failedFolder: 'failed',
  scanEveryMs: 10,
  maxFilesPerScan: 1,
  drainTimeoutMs: 0,
} as const;
const server = {
  host: 'sftp.example',
  port: 22,
  username: 'u',
  password: secret('PASSWORD'),
  privateKey: secretFile('key'),
  passphrase: secret('PASSWORD'),
  hostKeys: [`SHA256:${'A'.repeat(43)}`],
  connectTimeoutMs: 100,
  operationTimeoutMs: 100,
} as const;

/** Every option there is, by what it is an option of. `Required` keeps the list whole: a new option must be added here. */
const sources = {
  mllp: mllp({
    port: 2575,
    ...listen,
    ...hl7,
    maxFrameBytes: 2000,
    maxInFlight: 1,
    maxInFlightBytes: 2000,
    idleTimeoutMs: 1000,
    frameTimeoutMs: 100,
    unparsable: 'close',
    release: 2,
    system: 'general',
  } satisfies Required<MllpSourceOptions & SourceOptions>),
  http: http({
    path: '/in',
    port: 8443,
    ...listen,
    ...hl7,
    clients: [{ name: 'televisit', token: secret('TOKEN') }],
    contentTypes: ['application/json'],
    maxBodyBytes: 1,
    maxJsonDepth: 1,
    retryAfterSeconds: 1,
    requestTimeoutMs: 100,
    system: 'televisit',
  } satisfies Required<HttpSourceOptions & SourceOptions>),
  directory: directory({ ...files, whole: { by: 'marker', suffix: '.ok' }, system: 'general' }),
  sftp: sftp({ ...files, ...server, whole: { by: 'quiet', quietMs: 1 }, system: 'general' }),
};
const destinations = {
  mllp: mllp('general', {
    host: '192.0.2.1',
    port: 1,
    tls: { ...tls, serverName: 'h' },
    allowPlaintextOffLoopback: true,
    connections: 2,
    connectTimeoutMs: 1,
    answerTimeoutMs: 1,
    maxAnswerBytes: 256,
    onError: 'park',
    awaitApplicationAck: false,
  }),
  webhook: webhook('televisit', {
    url: 'https://televisit.example/',
    secrets: [secret('TELEVISIT_WEBHOOK_SECRET')],
    allow: [{ host: 'televisit.example', port: 443, plaintext: false, private: false }],
    tls: { ca: '/ca.pem' },
    headers: { 'x-api-key': secret('PASSWORD') },
    connections: 2,
    connectTimeoutMs: 1,
    timeoutMs: 1,
    maxResponseBytes: 0,
    maxRetryAfterMs: 0,
  }),
  directory: directory('lab', { path: '/out', fileName: '{type}-{key}.hl7' }),
  sftp: sftp('lab', { ...server, path: '/out', fileName: '{key}.hl7' }),
};
const systems = { general: ehr(), televisit: telehealth(), lab: system() };

describe('options', () => {
  const folder = writeFiles({ key: '-----BEGIN OPENSSH PRIVATE KEY-----\n' }, temporaryFolder());

  test.each(Object.entries(sources))(
    '[CH6] every option of the source %s is known to its connector',
    (_, from) => {
      expect(check({ systems, channels: [{ name: 'x', from, to: [record()] }] }, folder)).toEqual([]);
    },
  );

  test.each(Object.entries(destinations))(
    '[CH6] every option of the destination %s is known to its connector',
    (_, to) => {
      expect(
        check({ systems, channels: [{ name: 'x', from: sources.directory, to: [to] }] }, folder),
      ).toEqual([]);
    },
  );

  test('[CH2] MLLP off loopback without TLS is a mistake at both ends', () => {
    const lines = check({
      systems,
      channels: [
        {
          name: 'x',
          from: mllp({ port: 1, host: '0.0.0.0' }),
          to: [mllp('lab', { host: 'lab.example', port: 1 })],
        },
      ],
    });
    expect(lines).toEqual([
      expect.stringMatching(/^channels\.x\.from\.host: off loopback only with mutual TLS/),
      expect.stringMatching(/^channels\.x\.to\[0\]\.host: off loopback only with tls/),
    ]);
  });

  test('[CH4] a private key written into the configuration is a mistake, a path to one is not', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----';
    const written = {
      systems,
      channels: [{ name: 'x', from: mllp({ port: 1, tls: { cert: '/c', key } }), to: [record()] }],
    };
    expect(check(written)).toEqual([
      expect.stringMatching(/^channels\.x\.from\.tls\.key: a secret is not written here/),
    ]);
  });

  test('[CH4] a secret file that is not there is a mistake with its place', () => {
    const from = mllp({ port: 1, tls: { cert: '/c', key: secretFile('nowhere.pem') } });
    expect(check({ systems, channels: [{ name: 'x', from, to: [record()] }] }, folder)).toEqual([
      "channels.x.from.tls.key: the secret's file cannot be read: ENOENT",
    ]);
  });
});
