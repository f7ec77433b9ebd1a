import { describe, expect, it } from 'vitest';
import { goodHistory, message } from './model/good-history.ts';
import type { Attempt, History } from './model/history.ts';
import { judge, judgeEnd } from './model/judge.ts';
import { run } from './model/run.ts';
import type { MessageScript, Step } from './model/script.ts';
import {
  AnotherKeyEachTime,
  AnsweredTooEarly,
  acknowledgedTooEarly,
  droppedPoison,
  forgetfulSettlement,
  KeysLost,
  RefusalCountedAsSent,
} from './model/variants.ts';
import type { WorldOptions } from './model/world.ts';
import { openQueueDatabase } from './support.ts';

const accept = (...burst: MessageScript[]): Step => ({ do: 'accept', burst, wait: true });
const settle: Step = { do: 'settle' };
const refusedOnce = message({ troubles: [{ at: 'a', answers: ['refused'] }] });
const lostOnce = message({ troubles: [{ at: 'a', answers: ['lost'] }] });

/** The checks of model.test.ts are worth something only when they find what is broken. */
describe('the judge of the queue', () => {
  const variants: [string, RegExp, Step[], WorldOptions][] = [
    ['positions are not written', /I1 .* is waiting/, [accept(message())], { database: forgetfulSettlement }],
    [
      'a poison message is dropped',
      /I1 .* nobody settled/,
      [accept(refusedOnce)],
      { database: droppedPoison },
    ],
    ['an answer comes before the commit', /I1 m1/, [accept(message())], { database: acknowledgedTooEarly }],
    [
      'a refusal counts as sent',
      /I1 .* nobody settled/,
      [accept(refusedOnce)],
      { actors: (history) => new RefusalCountedAsSent(history) },
    ],
    [
      'a repeat has another key',
      /I4 .* another key/,
      [accept(lostOnce)],
      { actors: (history) => new AnotherKeyEachTime(history) },
    ],
    [
      'two of one key are in flight together',
      /I5 /,
      [accept(message(), message(), message())],
      { actors: (history) => new AnsweredTooEarly(history) },
    ],
    [
      'entries lose their keys',
      /Q5 .* keys/,
      [accept(lostOnce, message())],
      { actors: (history) => new KeysLost(history) },
    ],
  ];
  it.each(variants)('catches an engine in which %s', async (_name, finding, steps, options) => {
    const test = await openQueueDatabase();
    try {
      const running = run(test.database, [...steps, settle], { deadlineMs: 1_500, ...options });
      await expect(running).rejects.toThrow(finding);
    } finally {
      await test.drop();
    }
  });

  const found = (history: History) => [...judge(history), ...judgeEnd(history)];

  it('finds nothing in a good history', () => {
    expect(found(goodHistory())).toEqual([]);
  });

  const forgeries: [string, RegExp, (first: Attempt, second: Attempt) => Attempt[]][] = [
    [
      'two entries of a key were swapped',
      /^I2 .* stands behind/,
      (first, second) => [
        { ...first, message: second.message, content: second.content },
        { ...second, message: first.message, content: first.content },
      ],
    ],
    [
      'an entry left before the one ahead of it',
      /^I2 .* before .* was settled/,
      (first, second) => [
        { ...second, at: first.at, endedAt: first.endedAt },
        { ...first, at: second.at, endedAt: second.endedAt },
      ],
    ],
    ['an entry was dropped', /^I1 m2 .* missing/, (first) => [first]],
    [
      'a delivery did not arrive',
      /^I1 m2 .* missing/,
      (first, second) => [first, { ...second, received: false }],
    ],
    ['nobody sent it', /^I3 .* nobody sent/, (first, second) => [first, { ...second, content: 'other' }]],
    ['it was not pinned', /^I3 .* nobody sent/, (first, second) => [first, { ...second, queue: 'adt>c' }]],
    [
      'a repeat differs',
      /^I3 .* other content/,
      (first, second) => [first, { ...second, answer: 'lost' }, { ...second, content: 'other' }],
    ],
    [
      'two entries share a key',
      /^I4 /,
      (first, second) => [first, { ...second, idempotencyKey: first.idempotencyKey }],
    ],
    [
      'two of one key were in flight together',
      /^I5 /,
      (first, second) => [{ ...first, endedAt: second.endedAt }, second],
    ],
    [
      'what was delivered was sent again without a crash',
      /^Q4 .* was known/,
      (first, second) => [first, second, { ...second, at: second.at + 2, endedAt: second.at + 3 }],
    ],
  ];
  it.each(forgeries)('sees in a history that %s', (_name, finding, forge) => {
    expect(found(goodHistory(forge))).toContainEqual(expect.stringMatching(finding));
  });

  it('sees in a history that a message got two answers, was stored twice, or was refused for nothing', () => {
    const history = goodHistory();
    const again = { message: 'm1', at: history.tick(), pins: ['adt>a'], answeredAt: history.tick() };
    const accepted = { messageId: 9, sequence: 9, receivedAt: new Date(0), duplicate: false };
    history.offers.push({ ...again, result: { kind: 'accepted', accepted } });
    history.offers.push({ ...again, result: { kind: 'refused', code: 'QUEUE_CONTROL_ID_REUSED' } });
    for (const finding of ['different answers', 'accepted twice', 'refused as reused'])
      expect(found(history)).toContainEqual(expect.stringMatching(new RegExp(`^Q10 m1 .*${finding}`)));
  });

  it('sees in a history that something left a queue on hold, or after it was skipped', () => {
    const history = goodHistory();
    const asked = { queue: 'adt>a', message: undefined, at: 0, answeredAt: 0, affected: 1 };
    history.operations.push({ ...asked, action: 'hold', sequence: undefined });
    expect(found(history)).toContainEqual(expect.stringMatching(/^Q11 .* on hold/));
    history.operations.splice(0, 1, { ...asked, action: 'skip', sequence: 2 });
    expect(found(history)).toContainEqual(expect.stringMatching(/^Q11 .* after it was skipped/));
  });

  it('sees in a history that a crash made more repeats than the window', () => {
    const history = goodHistory();
    const entry = history.attempts[1];
    const many = [3, 4, 5, 6, 7].map((sequence) => ({ sequence, keys: [`k${sequence}`] }));
    const sendAll = () =>
      history.attempts.push(
        ...many.map((more) => ({
          ...(entry as Attempt),
          ...more,
          idempotencyKey: `key ${more.sequence}`,
          at: history.tick(),
          endedAt: history.tick(),
        })),
      );
    sendAll();
    history.crashes.push(history.tick());
    sendAll();
    expect(found(history)).toContainEqual(expect.stringMatching(/^Q4 adt>a: 5 repeats .* not 4/));
  });
});
