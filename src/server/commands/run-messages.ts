import type { MessagesOptions } from './command-options.ts';
import { printJson, printLine, printTable, printTime } from './output.ts';
import { withStore } from './with-store.ts';

export async function listMessages(options: MessagesOptions): Promise<void> {
  const { since, until, before, json, ...filter } = options;
  const found = await withStore(({ messages }) =>
    messages.messages({
      ...filter,
      ...(since ? { receivedAfter: since } : {}),
      ...(until ? { receivedBefore: until } : {}),
      ...(before === undefined ? {} : { beforeId: before }),
    }),
  );
  if (json) return printJson({ messages: found });
  if (found.length === 0) return printLine('no message fits');
  printTable(
    ['message', 'received (UTC)', 'channel', 'type', 'control id', 'sender', 'bytes', 'where it is'],
    found.map(({ id, receivedAt, channel, type, controlId, sender, bytes, states }) => [
      `#${id}`,
      printTime(receivedAt),
      channel,
      type,
      controlId ?? '',
      sender,
      String(bytes),
      placesOf(states).join(', '),
    ]),
  );
  const last = found.at(-1);
  if (last && found.length === options.limit) printLine(`more with --before ${last.id}`);
}

/** One message can have many entries in one queue, a notification each; the list counts them. */
function placesOf(states: readonly { readonly queue: string; readonly state: string }[]): string[] {
  const counts = new Map<string, number>();
  for (const { queue, state } of states) {
    const place = `${queue}: ${state}`;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return [...counts].map(([place, count]) => (count > 1 ? `${place} ×${count}` : place));
}
