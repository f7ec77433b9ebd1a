import { createHash } from 'node:crypto';
import { z } from 'zod';
import { openJournal } from '../process/index.ts';

/** What came in from the engine, as filed: one JSON line each, the message in base64 as it came. */
const filedSchema = z.strictObject({
  receivedAt: z.string(),
  /** MSH-3 | MSH-4 */
  sender: z.string(),
  controlId: z.string(),
  type: z.string(),
  sha256: z.string(),
  body: z.string(),
});
type Filed = z.infer<typeof filedSchema>;

interface Arrival {
  readonly sender: string;
  readonly controlId: string;
  readonly type: string;
  readonly body: Uint8Array;
  readonly receivedAt: Date;
}

export interface FilingCabinet {
  /** `filed` once it is on disk; `repeat` when the same message was filed before; `reused` when its id stands for another one. */
  file(arrival: Arrival): Promise<'filed' | 'repeat' | 'reused'>;
  /** Messages filed so far. */
  count(): number;
  close(): Promise<void>;
}

/** Control ids remembered for the duplicate rule; the oldest are forgotten first. */
const remembered = 50_000;

export async function openFilingCabinet(path: string): Promise<FilingCabinet> {
  const known = new Map<string, string>();
  let count = 0;
  const remember = (filed: Filed): void => {
    count += 1;
    known.set(keyOf(filed), filed.sha256);
    for (const oldest of known.keys()) {
      if (known.size <= remembered) return;
      known.delete(oldest);
    }
  };
  const journal = await openJournal<Filed>({
    path,
    parse: (value) => filedSchema.parse(value),
    replay: remember,
  });
  return {
    async file(arrival) {
      const { sender, controlId, type, body } = arrival;
      const sha256 = createHash('sha256').update(body).digest('hex');
      const before = known.get(keyOf(arrival));
      if (before !== undefined) return before === sha256 ? 'repeat' : 'reused';
      const filed = {
        receivedAt: arrival.receivedAt.toISOString(),
        ...{ sender, controlId, type, sha256 },
        body: Buffer.from(body).toString('base64'),
      };
      await journal.append(filed);
      remember(filed);
      return 'filed';
    },
    count: () => count,
    close: () => journal.close(),
  };
}

const keyOf = (message: { sender: string; controlId: string }): string =>
  `${message.sender}\u0000${message.controlId}`;
