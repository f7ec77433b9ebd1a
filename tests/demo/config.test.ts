import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  checkConfig,
  formatMistakes,
  loadConfig,
  resolveChannels,
  type StepKind,
} from '../../src/exchange/channels/index.ts';
import { connectorKinds } from '../../src/exchange/connectors/index.ts';
import { temporaryFolder } from './support.ts';

const path = fileURLToPath(new URL('../../demo/isthmus.config.ts', import.meta.url));

/** The product's own steps are composed elsewhere; here they only have to be named. */
const step = (name: string): StepKind<object> => ({
  name,
  options: z.object({}),
  create: () => (work) => ({ outcome: 'next', work: [work] }),
});

const environment = {
  MLLP_PORT: '2600',
  HOSPITAL_MLLP_PORT: '2601',
  TELEVISIT_URL: 'http://127.0.0.1:8099',
  TELEVISIT_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
};

describe("the demo's configuration", () => {
  afterEach(() => vi.unstubAllEnvs());

  it('has no mistake, and takes ports and addresses from the environment', async () => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const folder = await temporaryFolder();
    const { config } = await loadConfig(path, { home: folder.path });
    const kinds = {
      ...connectorKinds,
      steps: [step('identify'), step('translate'), step('closeVisit')] as StepKind[],
    };
    expect(formatMistakes(checkConfig(config, { kinds, environment }))).toEqual([]);
    const [adt, visits] = resolveChannels(config as Parameters<typeof resolveChannels>[0]);
    expect(adt).toMatchObject({
      name: 'adt',
      keyRule: 'patient',
      authority: '2.16.840.1.113883.19.5',
      source: { kind: 'mllp', options: { port: 2600 } },
      destinations: [
        {
          queue: 'adt>televisit',
          send: 'changes',
          options: { url: 'http://127.0.0.1:8099/webhooks/isthmus' },
        },
      ],
    });
    expect(visits).toMatchObject({
      name: 'visits',
      order: 'strict',
      source: { kind: 'http', options: { path: '/in/visits' } },
      destinations: [{ queue: 'visits>general', order: 'strict', commit: 'each', options: { port: 2601 } }],
    });
    await folder.remove();
  });
});
