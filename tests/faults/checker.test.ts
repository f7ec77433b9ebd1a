import { describe, expect, test } from 'vitest';
import { assertKept, type Claims, type Count, check } from './support/checker.ts';
import { History } from './support/history.ts';

/** The judge is tested first: each history below is bad in one way, and the checker has to say which. */

const none: Claims = { open: [], settled: [] };
const bytes = (text: string) => Buffer.from(text);

class Story extends History {
  send(uid: string, { keys = ['k'], destinations = ['a'], acknowledged = true } = {}): this {
    this.offered({ channel: 'adt', uid, keys, destinations, body: bytes(uid) });
    if (acknowledged) this.acknowledged(uid, bytes(`AA ${uid}`));
    return this;
  }

  arrive(uid: string, { destination = 'a', identity = uid, content = uid } = {}): number {
    return this.arrived({ destination, uid, identity, body: bytes(content) });
  }

  deliver(uid: string, options: { destination?: string; identity?: string; content?: string } = {}): this {
    this.answered(this.arrive(uid, options), 'positive');
    return this;
  }
}

const settled = (...uids: string[]) => uids.map((uid) => ({ destination: 'a', uid }));

test('a history as it should be has nothing to report', () => {
  const story = new Story().send('1').send('2').deliver('1').deliver('1').deliver('2');
  const report = check(story, { open: [], settled: settled('1', '2'), entries: { a: 2 } });
  expect(report).toMatchObject({ offered: 2, acknowledged: 2, deliveries: 3, repeats: 1 });
  expect(() => assertKept(report)).not.toThrow();
});

test('what waits or is parked is not lost, and what was never acknowledged may be missing', () => {
  const story = new Story().send('1').send('2', { acknowledged: false });
  assertKept(check(story, { open: [{ destination: 'a', uid: '1' }], settled: [], entries: { a: 1 } }));
});

test('a repeat long after its successor is still only a repeat', () => {
  assertKept(check(new Story().send('1').send('2').deliver('1').deliver('2').deliver('1'), none));
});

describe('a bad history is caught', () => {
  const cases: [string, Count, (story: Story) => Claims | undefined][] = [
    ['[I1] acknowledged and nowhere to be found', 'lost', (story) => void story.send('1')],
    [
      '[I1] delivered to one destination of two',
      'lost',
      (story) => void story.send('1', { destinations: ['a', 'b'] }).deliver('1'),
    ],
    [
      '[I1] refused by the receiver and then forgotten',
      'lost',
      (story) => story.send('1').answered(story.arrive('1'), 'negative') as undefined,
    ],
    [
      '[I2] delivered in another order than accepted',
      'reordered',
      (story) => void story.send('1').send('2').deliver('2').deliver('1'),
    ],
    [
      '[I2] a merge overtaken on its second key',
      'reordered',
      (story) =>
        void story
          .send('1', { keys: ['j', 'k'] })
          .send('2')
          .deliver('2')
          .deliver('1'),
    ],
    [
      '[I2] the successor of a refused message went ahead',
      'reordered',
      (story) => {
        story.send('1').send('2');
        story.answered(story.arrive('1'), 'negative');
        story.deliver('2').deliver('1');
        return undefined;
      },
    ],
    [
      '[I2] the successor of an unanswered message went ahead',
      'reordered',
      (story) => {
        story.send('1').send('2');
        story.gone(story.arrive('1'));
        story.deliver('2').deliver('1');
        return undefined;
      },
    ],
    ['[I3] nobody sent it', 'foreign', (story) => void story.deliver('1')],
    [
      '[I3] at a destination it was not to go to',
      'foreign',
      (story) => void story.send('1').deliver('1').deliver('1', { destination: 'b' }),
    ],
    [
      '[I3] a repeat with other content',
      'changed',
      (story) => void story.send('1').deliver('1').deliver('1', { content: 'other' }),
    ],
    [
      '[I3] two messages glued together',
      'changed',
      (story) => void story.send('1').deliver('1', { content: '12' }),
    ],
    [
      '[I4] a repeat under another identity',
      'duplicated',
      (story) => void story.send('1').deliver('1').deliver('1', { identity: 'x' }),
    ],
    [
      '[I4] one identity for two messages',
      'duplicated',
      (story) =>
        void story.send('1').send('2').deliver('1', { identity: 'x' }).deliver('2', { identity: 'x' }),
    ],
    [
      '[I5] two at once on one key',
      'concurrent',
      (story) => {
        story.send('1').send('2');
        const first = story.arrive('1');
        story.deliver('2').answered(first, 'positive');
        return undefined;
      },
    ],
    [
      '[I7] settled without a positive acknowledgment',
      'unproven',
      (story) => {
        story.send('1').answered(story.arrive('1'), 'other');
        return { open: [], settled: settled('1') };
      },
    ],
    [
      '[I9] more entries than messages',
      'unbalanced',
      (story) => {
        story.send('1').deliver('1');
        return { open: [], settled: settled('1'), entries: { a: 2 } };
      },
    ],
    [
      '[I9] an entry in no state',
      'unbalanced',
      (story) => {
        story.send('1').send('2').deliver('1').deliver('2');
        return { open: [], settled: settled('1'), entries: { a: 2 } };
      },
    ],
    [
      'a retry that got another answer',
      'unlike',
      (story) => story.send('1').deliver('1').acknowledged('1', bytes('AA at another time')) as undefined,
    ],
  ];
  test.each(cases)('%s', (_, count, tell) => {
    const story = new Story();
    const claims = tell(story) ?? none;
    const report = check(story, claims);
    expect(report.counts[count]).toBeGreaterThan(0);
    expect(() => assertKept(report)).toThrow(count);
  });
});
