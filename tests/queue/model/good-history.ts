import { type Attempt, type History, newHistory } from './history.ts';
import type { MessageScript } from './script.ts';

/** A message without troubles. */
export const message = (more: Partial<MessageScript> = {}): MessageScript => ({
  channel: 'adt',
  keys: ['p'],
  identity: { kind: 'new' },
  plan: { kind: 'go', times: 1, without: [] },
  troubles: [],
  release: 'send',
  ...more,
});

/** Two messages of one key, accepted, planned and delivered to one destination; unless `forge` says otherwise about the deliveries. */
export function goodHistory(
  forge: (first: Attempt, second: Attempt) => Attempt[] = (first, second) => [first, second],
): History {
  const history = newHistory();
  for (const sequence of [1, 2]) {
    const id = `m${sequence}`;
    const script = message();
    const { channel, keys } = script;
    history.messages.set(id, { id, channel, controlId: id, body: id, keys, reuse: 'refuse', script });
    history.offers.push({
      message: id,
      at: history.tick(),
      pins: ['adt>a'],
      answeredAt: history.tick(),
      result: {
        kind: 'accepted',
        accepted: { messageId: sequence, sequence, receivedAt: new Date(0), duplicate: false },
      },
    });
    const planning = { message: id, queue: 'adt', sequence, current: ['adt>a'] };
    history.plannings.push({ ...planning, at: history.tick(), answer: 'go' });
  }
  history.attempts.push(...forge(attemptOf(history, 1), attemptOf(history, 2)));
  return history;
}

const attemptOf = (history: History, sequence: number): Attempt => ({
  queue: 'adt>a',
  sequence,
  message: `m${sequence}`,
  messageId: sequence,
  label: undefined,
  idempotencyKey: `key ${sequence}`,
  keys: ['p'],
  content: `m${sequence}`,
  at: history.tick(),
  endedAt: history.tick(),
  answer: 'delivered',
  received: true,
});
