import fc from 'fast-check';
import type { OperatorAction, ReusePolicy } from '../../../src/exchange/queue/index.ts';
import type { ChannelName, DestinationName } from './house.ts';

/** What may happen, as plain data, so that a failing script can be shrunk, printed and read. Numbers that choose are taken modulo what there is. */

/**
 * One answer of a receiver: `error` (AE, this entry), `away` (nothing gets through), `lost` (sent, never arrived, no answer), `taken`
 * (arrived, the answer was lost), `refused` (AR), `slow` (arrived; the answer comes when it is let go). After its script it delivers.
 */
export type Answer = 'error' | 'away' | 'lost' | 'taken' | 'refused' | 'slow' | 'delivered';

/** What the planner makes of a message; the troubles of `park`, `hold`, `holdFor` and `throw` end after so many calls, or are mended. */
interface PlanScript {
  readonly kind: 'go' | 'split' | 'filter' | 'park' | 'hold' | 'holdFor' | 'throw';
  readonly times: number;
  /** Destinations that it does not want. */
  readonly without: readonly DestinationName[];
}

/** `again`: an earlier message once more, as it was; `reused`: the control id of an earlier one with other content. */
type Identity =
  | { readonly kind: 'new' | 'anonymous' }
  | { readonly kind: 'again'; readonly of: number }
  | { readonly kind: 'reused'; readonly of: number; readonly reuse: ReusePolicy };

export interface MessageScript {
  readonly channel: ChannelName;
  readonly keys: readonly string[];
  readonly identity: Identity;
  readonly plan: PlanScript;
  readonly troubles: readonly { readonly at: DestinationName; readonly answers: readonly Answer[] }[];
  /** What the release decision of a rendering destination says first. */
  readonly release: 'send' | 'withhold' | 'throw';
}

export type Step =
  | { readonly do: 'accept'; readonly burst: readonly MessageScript[]; readonly wait: boolean }
  /** Waits until nothing moves any more, and compares with the model. */
  | { readonly do: 'settle' }
  /** Lets slow receivers answer. */
  | { readonly do: 'finish' }
  | {
      readonly do: 'operate';
      readonly action: OperatorAction;
      readonly queue: number;
      readonly entry: number | 'all';
      readonly mend: boolean;
    }
  | { readonly do: 'stop' }
  /** The process dies at its so-many-th statement from now, before or after the database executes it. */
  | { readonly do: 'crash'; readonly statements: number; readonly executed: boolean }
  /** The next statements fail as if the connection broke, before or after the database executes them. */
  | { readonly do: 'blip'; readonly statements: number; readonly executed: boolean }
  /** From the next start on these destinations are not configured. */
  | { readonly do: 'edit'; readonly without: readonly DestinationName[] };

const names = fc.constantFrom<DestinationName>('a', 'b', 'c', 'd');
const few = <T>(item: fc.Arbitrary<T>, maxLength: number) => fc.array(item, { maxLength });

const identity: fc.Arbitrary<Identity> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'new' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'anonymous' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('again' as const), of: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('reused' as const),
      of: fc.nat(20),
      reuse: fc.constantFrom<ReusePolicy>('refuse', 'accept', 'alarm'),
    }),
  },
);

const plan: fc.Arbitrary<PlanScript> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('go' as const) },
    {
      weight: 5,
      arbitrary: fc.constantFrom('split' as const, 'filter', 'park', 'hold', 'holdFor', 'throw'),
    },
  ),
  times: fc.integer({ min: 1, max: 2 }),
  without: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(names, { maxLength: 2 }) },
  ),
});

const answer = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Answer>('slow', 'refused') },
  { weight: 1, arbitrary: fc.constantFrom<Answer>('error', 'away', 'lost', 'taken') },
);

const message: fc.Arbitrary<MessageScript> = fc.record({
  channel: fc.constantFrom<ChannelName>('adt', 'adt', 'adt', 'oru'),
  keys: fc.oneof(
    { weight: 3, arbitrary: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 2, maxLength: 3 }) },
  ),
  identity,
  plan,
  troubles: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    {
      weight: 2,
      arbitrary: few(fc.record({ at: names, answers: fc.array(answer, { minLength: 1, maxLength: 4 }) }), 2),
    },
  ),
  release: fc.oneof(
    { weight: 8, arbitrary: fc.constant('send' as const) },
    { weight: 1, arbitrary: fc.constantFrom('withhold' as const, 'throw' as const) },
  ),
});

const statements = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(25) });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('accept' as const),
      burst: fc.array(message, { minLength: 1, maxLength: 5 }),
      wait: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'finish' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('operate' as const),
      action: fc.constantFrom<OperatorAction>('release', 'release', 'skip', 'replay', 'hold', 'resume'),
      queue: fc.nat(20),
      entry: fc.oneof(fc.constant('all' as const), fc.nat(10)),
      mend: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'stop' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('crash' as const), statements, executed: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('blip' as const),
      statements: fc.integer({ min: 1, max: 3 }),
      executed: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      without: fc.uniqueArray(names, { maxLength: 2 }),
    }),
  },
);

export const script = (maxLength: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(step, { minLength: 1, maxLength, size: 'max' });
