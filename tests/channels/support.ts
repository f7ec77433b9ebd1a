import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { z } from 'zod';
import {
  type CheckOptions,
  type Kinds,
  type LoadedConfig,
  loadConfig,
  type StepKind,
} from '../../src/exchange/channels/index.ts';
import type { QueueEntry } from '../../src/exchange/queue/index.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own that goes with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-channels-'));
  folders.push(folder);
  return folder;
}

/** Writes files into a folder and returns it. */
export function writeFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  folder = temporaryFolder(),
): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Writes a configuration as a person would and loads it. */
export async function load(text: string, folder = temporaryFolder()): Promise<LoadedConfig> {
  writeFiles({ 'isthmus.config.ts': text }, folder);
  return await loadConfig(join(folder, 'isthmus.config.ts'), { home: join(folder, 'home') });
}

const identify: StepKind = {
  name: 'identify',
  options: z.strictObject({}),
  create: () => (work) => ({
    outcome: 'next',
    work: [{ ...work, facts: { ...work.facts, identify: true } }],
  }),
};
const tag: StepKind<{ name: string }> = {
  name: 'tag',
  options: z.strictObject({ name: z.string().min(1) }),
  create: (options, scope) => (work) => ({
    outcome: 'next',
    work: [{ ...work, facts: { ...work.facts, tag: options.name, at: scope.place } }],
  }),
};

const port = z.int().min(1).max(65_535);
const notMade = () => {
  throw new Error('this kind is for checks only');
};

/** Kinds with options as connectors have them, that nobody can start. */
export const checkKinds: Kinds = {
  sources: [
    {
      kind: 'mllp',
      options: z.strictObject({ port: port, host: z.string().default('127.0.0.1') }),
      create: notMade,
    },
    { kind: 'http', options: z.strictObject({ path: z.string().startsWith('/') }), create: notMade },
    { kind: 'directory', options: z.strictObject({ path: z.string() }), create: notMade },
  ],
  destinations: [
    {
      kind: 'mllp',
      options: z.strictObject({ host: z.string(), port, connections: z.int().optional() }),
      create: notMade,
    },
    {
      kind: 'webhook',
      options: z.strictObject({ url: z.url(), secrets: z.array(z.string().min(1)).min(1) }),
      create: notMade,
    },
    { kind: 'directory', options: z.strictObject({ path: z.string() }), create: notMade },
  ],
  steps: [identify, tag as StepKind],
  record: z.strictObject({ zone: z.enum(['America/New_York', 'UTC']).optional() }),
};

export const checkOptions: CheckOptions = {
  kinds: checkKinds,
  environment: { TELEVISIT_SECRET: 'whsec_c2VjcmV0' },
};

export const adt = (event = 'A04', fields: { controlId?: string; mrn?: string } = {}) =>
  Buffer.from(
    [
      `MSH|^~\\&|EHR|GENERAL|ISTHMUS|HUB|20260105101500||ADT^${event}|${fields.controlId ?? 'C1'}|P|2.5.1`,
      `EVN||20260105101500`,
      `PID|1||${fields.mrn ?? 'M1'}^^^GENERAL^MR||Muster^Erika||19700101|F`,
      'PV1|1|O|ROOM^1',
      'ZPV|kept|as it is',
      '',
    ].join('\r'),
  );

/** An intake entry as the queue would hand it to a planner. */
export const entryOf = (content: Uint8Array, more: Partial<QueueEntry> = {}): QueueEntry => ({
  queue: 'adt',
  sequence: 1,
  messageId: 1,
  keys: ['GENERAL|M1'],
  content,
  contentType: 'application/hl7-v2',
  type: 'ADT^A04',
  correlationId: 'c-1',
  receivedAt: new Date('2026-01-05T10:15:00Z'),
  label: undefined,
  idempotencyKey: '1.1.0',
  attempt: 1,
  ...more,
});
