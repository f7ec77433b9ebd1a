import { z } from 'zod';
import { type Journal, openJournal } from '../process/index.ts';

/** How far the hospital has come: which run, which of its days, how many of that day's messages were acknowledged. */
const positionSchema = z.strictObject({
  seed: z.number(),
  firstDate: z.iso.date(),
  /** Days behind the first. */
  day: z.int().min(0),
  /** Messages of the day that need not be sent any more. */
  done: z.int().min(0),
});
export type Position = z.infer<typeof positionSchema>;

export interface PositionFile {
  /** Where the file stands, or undefined when it is new. */
  readonly last: Position | undefined;
  /** Resolves when it is on disk. */
  save(position: Position): Promise<void>;
  close(): Promise<void>;
}

const compactBeyondLines = 5_000;

export async function openPosition(path: string): Promise<PositionFile> {
  let last: Position | undefined;
  const journal: Journal<Position> = await openJournal<Position>({
    path,
    parse: (value) => positionSchema.parse(value),
    replay: (position) => {
      last = position;
    },
  });
  return {
    last,
    async save(position) {
      await journal.append(position);
      if (journal.length() > compactBeyondLines) await journal.compact([position]);
    },
    close: () => journal.close(),
  };
}
