import { describe, expect, test } from 'vitest';
import {
  backlog,
  by,
  type Config,
  channel,
  checkConfig,
  defineConfig,
  directory,
  disconnected,
  ehr,
  event,
  filter,
  formatMistakes,
  http,
  identify,
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
import { checkOptions } from './support.ts';

const check = (config: unknown, options = checkOptions) => formatMistakes(checkConfig(config, options));

const url = 'https://televisit.example/hooks';
const systems: Config['systems'] = {
  general: ehr({ authority: '2.16.840.1.113883.19.5', mllp: { host: '127.0.0.1', port: 2600 } }),
  televisit: telehealth({ webhook: { url, secrets: [secret('TELEVISIT_SECRET')] } }),
  behavioral: system({ mllp: { host: '127.0.0.1', port: 2601 } }),
};
const good = channel('adt', {
  from: mllp({ port: 2575 }),
  order: 'patient',
  steps: [identify(), step('tag', { name: 'general' })],
  to: [record(), webhook('televisit'), mllp('behavioral', { only: event('A04', 'A08') })],
});

describe('what is right', () => {
  test('[CH1] the configuration of the design has no mistake', () => {
    const config = defineConfig({
      systems,
      channels: [good],
      alerts: [backlog('televisit').above(500), disconnected('general').for('30s'), parked().above(0)],
    });
    expect(check(config)).toEqual([]);
  });
});

/** One mistake each: what is written, and the line that says so. */
const mistakes: [string, unknown, string][] = [
  ['no configuration', undefined, 'configuration: '],
  ['channels missing', { systems }, 'channels: '],
  ['an unknown option', { systems, channels: [good], colour: 'red' }, 'colour: no such option'],
  [
    'an unknown option of a channel',
    { systems, channels: [{ ...good, ordr: 'strict' }] },
    'channels.adt.ordr: no such option',
  ],
  ['an unknown order', { systems, channels: [{ ...good, order: 'any' }] }, 'channels.adt.order: '],
  [
    'a channel without a destination',
    { systems, channels: [{ ...good, to: [] }] },
    'channels.adt.to: at least one destination',
  ],
  [
    'a step that is none',
    { systems, channels: [{ ...good, steps: [() => true] }] },
    'channels.adt.steps[0]: a step',
  ],
  [
    'an unknown built-in step',
    { systems, channels: [{ ...good, steps: [step('guess')] }] },
    'channels.adt.steps[0]: no such step guess',
  ],
  [
    'wrong options of a step',
    { systems, channels: [{ ...good, steps: [step('tag', { name: '' })] }] },
    'channels.adt.steps[0].name: ',
  ],
  [
    'two channels of one name',
    { systems, channels: [good, { ...good, from: mllp({ port: 2576 }) }] },
    'channels.adt.name: another channel has this name',
  ],
  [
    'two destinations of one name',
    { systems, channels: [{ ...good, to: [mllp('behavioral'), mllp('behavioral')] }] },
    'channels.adt.to[1].name: another destination of the channel is called behavioral',
  ],
  [
    'one port twice',
    { systems, channels: [good, { ...good, name: 'oru' }] },
    'channels.oru.from.port: adt already has port 2575',
  ],
  [
    'one path twice',
    {
      systems,
      channels: [
        { ...good, from: http({ path: '/in', system: 'televisit' }) },
        { ...good, name: 'b', from: http({ path: '/in/', system: 'televisit' }) },
      ],
    },
    'channels.b.from.path: adt already has http /in',
  ],
  [
    'a port out of range',
    { systems, channels: [{ ...good, from: mllp({ port: 70_000 }) }] },
    'channels.adt.from.port: ',
  ],
  [
    'an unknown option of a connector',
    { systems, channels: [{ ...good, from: { ...mllp({ port: 2575 }), options: { port: 2575, prot: 1 } } }] },
    'channels.adt.from.prot: no such option',
  ],
  [
    'an unknown kind of source',
    { systems, channels: [{ ...good, from: { role: 'source', kind: 'fax', options: {} } }] },
    'channels.adt.from: no such kind of source',
  ],
  [
    'an unknown system of a source',
    { systems, channels: [{ ...good, from: mllp({ port: 2575, system: 'nowhere' }) }] },
    'channels.adt.from.system: no system nowhere',
  ],
  [
    'an unknown system of a destination',
    { systems, channels: [{ ...good, to: [mllp('nowhere', { host: '127.0.0.1', port: 1 })] }] },
    'channels.adt.to[0].system: no system nowhere',
  ],
  [
    'a connection that nobody describes',
    {
      systems: { ...systems, lab: system({ mllp: { port: 1 } }) },
      channels: [{ ...good, to: [mllp('lab')] }],
    },
    'channels.adt.to[0].host: ',
  ],
  [
    'an option that record() does not have',
    { systems, channels: [{ ...good, to: [record({ anythingAtAll: 1 } as object)] }] },
    'channels.adt.to[0].anythingAtAll: no such option',
  ],
  [
    'a zone that does not exist',
    { systems, channels: [{ ...good, to: [record({ zone: 'Mars/Olympus' })] }] },
    'channels.adt.to[0].zone',
  ],
  [
    'record() for a source of no known system',
    { systems: { ...systems, second: ehr() }, channels: [good] },
    'channels.adt.from.system: say which system',
  ],
  [
    'strict order over several connections',
    { systems, channels: [{ ...good, to: [mllp('behavioral', { order: 'strict', connections: 8 })] }] },
    'channels.adt.to[0].connections: strict order has one connection',
  ],
  [
    'a strict channel over several connections',
    { systems, channels: [{ ...good, order: 'strict', to: [mllp('behavioral', { connections: 8 })] }] },
    'channels.adt.to[0].connections: strict order has one connection',
  ],
  [
    'no order before the record',
    { systems, channels: [{ ...good, order: 'none' }] },
    'channels.adt.order: none, but record()',
  ],
  [
    'order by what is no path',
    { systems, channels: [{ ...good, order: by('room') }] },
    "channels.adt.order: by('room')",
  ],
  [
    'changes without a record',
    { systems, channels: [{ ...good, to: [webhook('televisit', { send: 'changes' })] }] },
    'channels.adt.to[0].send: changes come from record()',
  ],
  [
    'raw HL7 v2 out of its trust group',
    {
      systems: { ...systems, stranger: system({ trust: 'outside', mllp: { host: '127.0.0.1', port: 1 } }) },
      channels: [{ ...good, to: [mllp('stranger')] }],
    },
    'channels.adt.to[0].system: of trust outside',
  ],
  [
    'a reply from nobody',
    { systems, channels: [{ ...good, reply: { from: 'lab', withinMs: 1000 } }] },
    'channels.adt.reply.from: no destination lab',
  ],
  [
    'a secret that is written out',
    {
      systems: {
        ...systems,
        televisit: telehealth({ connections: { webhook: { url, secrets: ['hunter2'] } } }),
      },
      channels: [good],
    },
    'systems.televisit.webhook.secrets[0]: a secret is not written here',
  ],
  [
    'a secret that is not there',
    {
      systems: { ...systems, televisit: telehealth({ webhook: { url, secrets: [secret('MISSING')] } }) },
      channels: [good],
    },
    'channels.adt.to[1].secrets[0]: the environment variable MISSING is not set',
  ],
  [
    'an alert about an unknown destination',
    { systems, channels: [good], alerts: [backlog('lab').above(1)] },
    'alerts[0].destination: no destination lab',
  ],
  [
    'an alert about an unknown system',
    { systems, channels: [good], alerts: [disconnected('lab').for('30s')] },
    'alerts[0].system: no system lab',
  ],
  [
    'a length of time that is none',
    { systems, channels: [good], alerts: [disconnected('general').for('soon' as '1s')] },
    'alerts[0].for: a length of time',
  ],
];

describe('what is wrong', () => {
  test.each(mistakes)('[CH2] %s', (_, config, line) => {
    const lines = check(config);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
  });

  test('[CH3] ten mistakes are ten lines, in form and in meaning, and one does not hide another', () => {
    const config = {
      systems: { ...systems, second: { role: 'ehr', connections: {}, colour: 'red' }, third: ehr() },
      channels: [
        { ...good, order: 'any', to: [record(), mllp('nowhere', { port: 0, host: '192.0.2.1' }), 7] },
        channel('oru', {
          from: mllp({ port: 2575, system: 'general' }),
          steps: [filter(event('R01')), { kind: 'guess' } as never],
          to: [mllp('behavioral', { order: 'strict', connections: 2 })],
        }),
      ],
      alerts: [disconnected('general').for('x' as '1s'), backlog('nobody').above(-1)],
    };
    expect(check(config).sort()).toEqual(
      [
        expect.stringContaining('alerts[0].for: '),
        expect.stringContaining('alerts[1].above: '),
        expect.stringContaining('channels.adt.from.system: say which'),
        expect.stringContaining('channels.adt.order: '),
        expect.stringContaining('channels.adt.to[1].host: off loopback only with tls'),
        expect.stringContaining('channels.adt.to[1].port: '),
        expect.stringContaining('channels.adt.to[1].system: no system nowhere'),
        expect.stringContaining('channels.adt.to[2]: '),
        expect.stringContaining('channels.oru.from.port: adt already has port 2575'),
        expect.stringContaining('channels.oru.steps[1].kind: a step'),
        expect.stringContaining('channels.oru.to[0].connections: strict'),
        expect.stringContaining('systems.second.colour: no such option'),
      ].sort(),
    );
  });

  test('[CH4] no line shows a secret', () => {
    const televisit = telehealth({ connections: { webhook: { url: 'no url', secrets: ['hunter2'] } } });
    const lines = check({ systems: { ...systems, televisit }, channels: [good] });
    expect(lines.join('\n')).not.toContain('hunter2');
    expect(lines.length).toBeGreaterThan(0);
  });

  test('[CH5] a transform lets a message leave its trust group', () => {
    const stranger = system({ trust: 'outside', mllp: { host: '127.0.0.1', port: 1 } });
    const rendered = channel('adt', {
      from: mllp({ port: 2575 }),
      to: [mllp('stranger', { steps: [transform((message) => message.remove('PID-19'))] })],
    });
    expect(check({ systems: { ...systems, stranger }, channels: [rendered] })).toEqual([]);
  });

  test('[CH2] a disabled channel may share a port, for it does not listen', () => {
    expect(check({ systems, channels: [good, { ...good, name: 'old', enabled: false }] })).toEqual([]);
  });

  test('[CH2] whatever is no configuration is refused without a throw', () => {
    const nested: unknown[] = [];
    let inner = nested;
    for (let depth = 0; depth < 1000; depth++) {
      const next: unknown[] = [];
      inner.push(next);
      inner = next;
    }
    for (const value of [
      null,
      7,
      'x',
      [],
      {},
      { systems: 1, channels: {} },
      { systems, channels: [null, nested] },
      () => 1,
    ]) {
      expect(check(value).length).toBeGreaterThan(0);
    }
    expect(directory({ path: '/in' }).kind).toBe('directory');
  });
});
