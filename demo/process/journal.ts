import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A small file of JSON lines that only grows. A record counts once `append` has resolved: it is on disk then. A line that a
 * crash cut short is dropped at the next opening; nobody was told that it counted.
 */
export interface Journal<T> {
  /** Resolves when the record is on disk. Records appended meanwhile share one write. Rejects when the disk does. */
  append(record: T): Promise<void>;
  /** Puts `records` in the place of everything written before, in one step. */
  compact(records: readonly T[]): Promise<void>;
  /** Lines in the file. */
  length(): number;
  close(): Promise<void>;
}

interface JournalOptions<T> {
  readonly path: string;
  /** Checks a line that was read. Throws when it is none of ours. */
  readonly parse: (value: unknown) => T;
  /** Called for every record already there, in order. */
  readonly replay: (record: T) => void;
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export async function openJournal<T>(options: JournalOptions<T>): Promise<Journal<T>> {
  await mkdir(dirname(options.path), { recursive: true });
  let file = await open(options.path, 'a+', 0o600);
  let size = await readAll(file, options);
  let waiting: Waiting[] = [];
  let work: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    const text = Buffer.from(batch.map((item) => item.text).join(''));
    try {
      await file.appendFile(text);
      await file.datasync();
      size = { lines: size.lines + batch.length, bytes: size.bytes + text.length };
      for (const item of batch) item.resolve();
    } catch (thrown) {
      // A half-written line must not stand before the next one. If even this fails, so will the next append.
      await file.truncate(size.bytes).catch(() => undefined);
      for (const item of batch) item.reject(thrown);
    }
  };

  return {
    append(record) {
      return new Promise((resolve, reject) => {
        waiting.push({ text: `${JSON.stringify(record)}\n`, resolve, reject });
        work = work.then(flush);
      });
    },
    compact(records) {
      const replaced = work.then(async () => {
        const next = await writeBeside(options.path, records);
        await file.close();
        file = next;
        size = { lines: records.length, bytes: (await next.stat()).size };
      });
      work = replaced.catch(() => undefined);
      return replaced;
    },
    length: () => size.lines,
    async close() {
      await work;
      await file.close();
    },
  };
}

async function writeBeside(path: string, records: readonly unknown[]): Promise<FileHandle> {
  const beside = `${path}.new`;
  const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
  const file = await open(beside, O_APPEND | O_CREAT | O_TRUNC | O_WRONLY, 0o600);
  await file.writeFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  await file.datasync();
  await rename(beside, path);
  const folder = await open(dirname(path), 'r');
  await folder.sync();
  await folder.close();
  return file;
}

interface Size {
  readonly lines: number;
  readonly bytes: number;
}

/** Reads every whole line and cuts off a torn one. */
async function readAll<T>(file: FileHandle, options: JournalOptions<T>): Promise<Size> {
  let lines = 0;
  let wholeBytes = 0;
  let rest = Buffer.alloc(0);
  const chunk = Buffer.alloc(64 * 1024);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      lines += 1;
      wholeBytes += end + 1;
      options.replay(readLine(rest.subarray(0, end).toString('utf8'), lines, options));
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) await file.truncate(wholeBytes);
  return { lines, bytes: wholeBytes };
}

function readLine<T>(text: string, line: number, options: JournalOptions<T>): T {
  try {
    return options.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`line ${line} of ${options.path} is not readable; move the file away to begin anew`, {
      cause,
    });
  }
}
