import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  backlog,
  by,
  channel,
  checkConfig,
  defineConfig,
  directory,
  disconnected,
  ehr,
  event,
  filter,
  http,
  type Mistake,
  mllp,
  parked,
  record,
  secret,
  step,
  system,
  telehealth,
  transform,
  webhook,
} from '../../src/exchange/channels/index.ts';
import { connectorKinds } from '../../src/exchange/connectors/index.ts';
import { type Random, withSeed } from './support/random.ts';

/** Reliability A18: configurations with mistakes, made from a good one. None takes effect, and each line says where the mistake is. */

const good = () =>
  defineConfig({
    systems: {
      general: ehr({ authority: '2.16.840.1.113883.19.5', mllp: { host: '127.0.0.1', port: 2600 } }),
      televisit: telehealth({
        webhook: {
          url: 'https://televisit.example/hooks',
          secrets: [secret('TELEVISIT_SECRET')],
          timeoutMs: 5_000,
        },
      }),
      lab: system({ mllp: { host: '127.0.0.1', port: 2601, connections: 2, answerTimeoutMs: 1_000 } }),
    },
    channels: [
      channel('adt', {
        from: mllp({ port: 2575, host: '127.0.0.1', maxFrameBytes: 1_000_000 }),
        order: 'patient',
        reuse: 'alarm',
        defaultAuthority: '1.2.3',
        takes: event('ADT', 'ORU^R01'),
        steps: [
          step('label', { with: 'text' }),
          filter(event('A04')),
          transform(() => undefined, { timeoutMs: 500 }),
        ],
        to: [
          record(),
          webhook('televisit', {
            only: event('A04', 'A08'),
            retry: { firstMs: 100, maxMs: 1_000, answerErrorTries: 3 },
          }),
          mllp('lab', { order: 'key', commit: 'each', name: 'laboratory' }),
        ],
      }),
      channel('orders', {
        from: http({ path: '/in/orders', system: 'televisit' }),
        order: by('/visit/id'),
        typeAt: '/kind',
        to: [mllp('general', { order: 'strict' })],
      }),
      channel('files', { from: directory({ path: 'in' }), order: 'sender', to: [mllp('lab')] }),
    ],
    alerts: [backlog('televisit').above(500), disconnected('general').for('30s'), parked().above(0)],
  });

const options = {
  kinds: {
    ...connectorKinds,
    steps: [
      {
        name: 'label',
        options: z.strictObject({ with: z.string() }),
        create: () => () => {
          throw new Error('this kind is for checks only');
        },
      },
    ],
  },
  environment: { TELEVISIT_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
};

type Path = readonly (string | number)[];

/** One thing to get wrong. */
interface Slip {
  readonly path: Path;
  readonly what: string;
  readonly value: unknown;
}

/** Every leaf as something it can't be, and something unknown in every object that is not a list of names. */
function slipsOf(config: unknown): Slip[] {
  const slips: Slip[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) {
      for (const wrong of ['a text', 7]) slips.push({ path, what: 'no list', value: wrong });
      for (const [index, item] of value.entries()) visit(item, [...path, index]);
    } else if (typeof value === 'object' && value !== null) {
      if (path.length > 0)
        for (const wrong of [7, 'a text', []]) slips.push({ path, what: 'no object', value: wrong });
      // Lists of names, and what only secret() and record() write.
      const isOpen = ['systems', 'connections'].includes(String(path.at(-1))) || 'secret' in value;
      if (!isOpen && path.join('.') !== 'channels.0.to.0.options')
        slips.push({ path: [...path, 'sometihng'], what: 'no such option', value: true });
      for (const [name, item] of Object.entries(value)) visit(item, [...path, name]);
    } else {
      for (const wrong of wrongFor(value))
        slips.push({ path, what: `instead of a ${typeof value}`, value: wrong });
    }
  };
  visit(config, []);
  return slips;
}

function wrongFor(value: unknown): unknown[] {
  if (typeof value === 'string') return [12_345, {}, ['x'], null, true];
  if (typeof value === 'number') return ['many', -1, 1.5, Number.NaN, {}, null];
  if (typeof value === 'function') return ['not a function', 1];
  return typeof value === 'boolean' ? ['yes', 2] : ['unexpected'];
}

function withSlips(slips: readonly Slip[]): unknown {
  const config = good() as unknown;
  for (const { path, value } of slips) {
    let at = config as Record<string | number, unknown>;
    for (const part of path.slice(0, -1)) at = at[part] as Record<string | number, unknown>;
    at[path.at(-1) as string] = value;
  }
  return config;
}

const channelNames = ['adt', 'orders', 'files'];

/** `channels.adt`, `systems.lab`, `alerts[1]`: as near as the path's first two parts say. */
function regionOf([first, second]: Path): string {
  if (second === undefined || first === undefined) return String(first ?? '');
  if (first === 'channels' && typeof second === 'number') return `channels.${channelNames[second]}`;
  return typeof second === 'number' ? `${first}[${second}]` : `${first}.${second}`;
}

/** A line for a slip is in its region; when a whole channel or its name is wrong, its number stands for it. */
function saysWhere(mistake: Mistake, { path }: Slip): boolean {
  // How a system is reached is judged where it is used: `channels.adt.to[1].url`.
  if (path[0] === 'systems' && path[2] === 'connections' && path.length > 4)
    return /^channels\.\w+\.to\[\d\]\./.test(mistake.place) && mistake.place.includes(`.${path[4]}`);
  const byNumber = path[0] === 'channels' ? `channels[${path[1]}]` : regionOf(path);
  return (
    mistake.rule.length > 0 &&
    (mistake.place.startsWith(regionOf(path)) || mistake.place.startsWith(byNumber))
  );
}

const name = ({ path, what, value }: Slip) => `${path.join('.')} ${what}: ${JSON.stringify(value)}`;

test('the configuration they are made from has no mistake', () => {
  expect(checkConfig(good(), options)).toEqual([]);
});

const slips = slipsOf(good());

test(`[A18] ${slips.length} configurations with one mistake each: refused, with a line that says where`, () => {
  const passed = slips.filter((slip) => checkConfig(withSlips([slip]), options).length === 0);
  expect(passed.map(name)).toEqual([]);
  const unplaced = slips.flatMap((slip) => {
    const mistakes = checkConfig(withSlips([slip]), options);
    return mistakes.some((mistake) => saysWhere(mistake, slip))
      ? []
      : [`${name(slip)} → ${JSON.stringify(mistakes)}`];
  });
  expect(unplaced).toEqual([]);
});

describe('[A18] several mistakes', () => {
  /** In different regions, so that one does not hide the other. */
  function apart(random: Random, count: number): Slip[] {
    const chosen: Slip[] = [];
    // How a system is reached is judged at the destination that goes there, so a mistake there can hide it.
    const deep = slips.filter(({ path }) => path.length > 2 && path[2] !== 'connections');
    while (chosen.length < count) {
      const slip = random.pick(deep);
      if (!chosen.some((other) => regionOf(other.path) === regionOf(slip.path))) chosen.push(slip);
    }
    return chosen;
  }

  test('500 configurations with two to five mistakes: all of them are listed at once', () =>
    withSeed((random) => {
      for (let n = 0; n < 500; n += 1) {
        const several = apart(random, random.between(2, 5));
        const mistakes = checkConfig(withSlips(several), options);
        const missing = several.filter((slip) => !mistakes.some((mistake) => saysWhere(mistake, slip)));
        expect(missing.map(name)).toEqual([]);
      }
    }));
});
