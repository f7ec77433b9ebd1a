import { z } from 'zod';

/** The form of a configuration as a value, before anything is asked of its meaning. Functions are only known to be functions. */

const name = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, 'a name: a letter, then letters, digits, _ . - (64 at most)');
const options = z.record(z.string(), z.unknown());
const fn = z.custom<(...parameters: never[]) => unknown>(
  (value) => typeof value === 'function',
  'a function',
);
const eventMatch = z.strictObject({
  match: z.literal('event'),
  events: z.array(z.string().min(1)).min(1, 'at least one event'),
});
const condition = z.union([fn, eventMatch], "event('A04', …) or a function");
const timeoutMs = z.int().min(1).max(600_000).optional();

const step = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('filter'), run: condition, timeoutMs }),
    z.strictObject({ kind: z.enum(['transform', 'enrich', 'split']), run: fn, timeoutMs }),
    z.strictObject({ kind: z.literal('built-in'), name: z.string().min(1), options }),
  ],
  'a step: filter(…), transform(…), enrich(…), split(…), identify(), closeVisit() …',
);
const steps = z.array(step).optional();

const retry = z.strictObject({
  firstMs: z.int().min(1).max(3_600_000).optional(),
  maxMs: z.int().min(1).max(86_400_000).optional(),
  answerErrorTries: z.int().min(1).max(1_000).optional(),
});

const destination = z.strictObject({
  role: z.literal('destination'),
  kind: z.string().min(1),
  system: name,
  options,
  only: condition.optional(),
  steps,
  name: name.optional(),
  order: z.enum(['strict', 'key']).optional(),
  commit: z.enum(['each', 'window']).optional(),
  retry: retry.optional(),
  send: z.enum(['message', 'changes']).optional(),
});
const record = z.strictObject({
  role: z.literal('record'),
  kind: z.literal('record'),
  options,
  only: condition.optional(),
});

const source = z.strictObject(
  { role: z.literal('source'), kind: z.string().min(1), options, system: z.string().optional() },
  'a source: mllp({ port }), http({ path }), directory({ path }), sftp({ … })',
);
const order = z.union(
  [
    z.enum(['patient', 'strict', 'sender', 'none']),
    z.strictObject({ by: z.array(z.string().min(1)).min(1) }),
  ],
  "'patient', 'strict', 'sender', 'none' or by(…)",
);

const channel = z.strictObject({
  name,
  from: source,
  to: z.array(z.discriminatedUnion('role', [destination, record], 'a destination')),
  steps,
  order: order.optional(),
  reply: z.strictObject({ from: z.string().min(1), withinMs: z.int().min(1).max(300_000) }).optional(),
  reuse: z.enum(['refuse', 'accept', 'alarm']).optional(),
  defaultAuthority: z.string().min(1).optional(),
  takes: eventMatch.optional(),
  processingIds: z
    .array(z.enum(['P', 'T', 'D']))
    .min(1)
    .optional(),
  typeAt: z.string().startsWith('/', 'a JSON pointer, beginning with /').optional(),
  enabled: z.boolean().optional(),
});

const system = z.strictObject(
  {
    role: z.enum(['ehr', 'telehealth', 'other']),
    authority: z.string().min(1).optional(),
    trust: name.optional(),
    connections: z.record(z.string(), options),
  },
  'a system: ehr({ … }), telehealth({ … }) or system({ … })',
);

const alert = z.discriminatedUnion(
  'alert',
  [
    z.strictObject({ alert: z.literal('backlog'), destination: z.string().min(1), above: z.int().min(0) }),
    z.strictObject({ alert: z.literal('disconnected'), system: z.string().min(1), for: z.string() }),
    z.strictObject({ alert: z.literal('parked'), of: z.string().optional(), above: z.int().min(0) }),
  ],
  'an alert: backlog(…).above(n), disconnected(…).for(duration), parked(…).above(n)',
);

export const configShape = z.strictObject({
  systems: z.record(name, system),
  channels: z.array(channel),
  alerts: z.array(alert).optional(),
  identity: options.optional(),
  environment: z.enum(['production', 'test']).optional(),
});
