import type { History, Logical, Offer } from './history.ts';

/** Q1, Q2, Q10: the answers to the senders. */
export function judgeOffers(history: History): string[] {
  const found: string[] = [];
  for (const message of history.messages.values()) found.push(...judgeMessage(history, message));
  const stored = history.offers.filter(
    (offer) => offer.result.kind === 'accepted' && !offer.result.accepted.duplicate,
  );
  for (const [index, later] of stored.entries())
    for (const earlier of stored.slice(0, index)) {
      if (channelOf(history, earlier) !== channelOf(history, later)) continue;
      const [first, second] = [sequenceOf(earlier), sequenceOf(later)];
      if (first === second) found.push(`Q2 ${earlier.message} and ${later.message} share sequence ${first}`);
      if (earlier.answeredAt < later.at && first > second)
        found.push(
          `Q2 ${later.message} was offered after ${earlier.message} was accepted, and stands before it`,
        );
    }
  for (const planning of history.plannings)
    for (const offer of history.offers)
      if (
        offer.message === planning.message &&
        offer.result.kind === 'accepted' &&
        offer.result.accepted.sequence !== planning.sequence
      )
        found.push(
          `Q2 ${offer.message} was accepted as ${sequenceOf(offer)}, planned as ${planning.sequence}`,
        );
  return found;
}

const channelOf = (history: History, offer: Offer) => history.messages.get(offer.message)?.channel;
const sequenceOf = ({ result }: Offer) => (result.kind === 'accepted' ? result.accepted.sequence : 0);

function judgeMessage(history: History, message: Logical): string[] {
  const found: string[] = [];
  const offers = history.offers.filter((offer) => offer.message === message.id);
  const answers = new Set<string>();
  let originals = 0;
  for (const offer of offers) {
    const { result } = offer;
    if (result.kind === 'refused') {
      if (message.reuse !== 'refuse' || !hasRival(history, message, offer, 'possible'))
        found.push(`Q10 ${message.id} was refused as reused, and is not`);
    }
    if (result.kind !== 'accepted') continue;
    const { duplicate, messageId, sequence, receivedAt } = result.accepted;
    answers.add(`${messageId} ${sequence} ${receivedAt.toISOString()}`);
    if (!duplicate) originals += 1;
    const others = offers.filter((other) => other !== offer && other.result.kind !== 'refused');
    // A statement that failed may have stored it; written again, the message meets itself.
    const wasDisturbed = history.failures.some((at) => at > offer.at && at < offer.answeredAt);
    const wasOffered = message.controlId !== undefined && others.some((other) => other.at < offer.answeredAt);
    if (duplicate && !wasDisturbed && !wasOffered)
      found.push(`Q10 ${message.id} is called a duplicate, and was never offered before`);
    if (!duplicate && others.some((other) => other.result.kind === 'accepted' && other.answeredAt < offer.at))
      found.push(`Q10 ${message.id} was accepted twice`);
    if (!duplicate && message.reuse === 'refuse' && hasRival(history, message, offer, 'certain'))
      found.push(`Q10 ${message.id} reuses a control id and was not refused`);
  }
  if (answers.size > 1) found.push(`Q10 ${message.id} got different answers: ${[...answers].join(' / ')}`);
  if (originals > 1) found.push(`Q10 ${message.id} was stored ${originals} times`);
  return found;
}

/** Another message with the same control id that was certainly, or possibly, stored before this offer was answered. */
function hasRival(history: History, message: Logical, offer: Offer, how: 'certain' | 'possible'): boolean {
  if (message.controlId === undefined) return false;
  return history.offers.some((other) => {
    const rival = history.messages.get(other.message);
    if (rival?.id === message.id || rival?.channel !== message.channel) return false;
    if (rival.controlId !== message.controlId) return false;
    if (how === 'certain') return other.result.kind === 'accepted' && other.answeredAt < offer.at;
    return other.result.kind !== 'refused' && other.at < offer.answeredAt;
  });
}
