import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Database } from '../database/index.ts';
import { IsthmusError } from '../errors/index.ts';
import { writeDurably } from '../files/index.ts';
import { GENESIS, headOf, type SealedHead, type SealRow } from './chain.ts';
import * as statements from './sql.ts';

const anchorFile = z.strictObject({
  number: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The head that was kept in this file, for `verifyAudit`; undefined when none was yet. Throws FILE_FAILED when it can't be read as one. */
export async function readAnchor(file: string): Promise<SealedHead | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new IsthmusError('FILE_FAILED', { place: file, rule: 'it can not be read', cause });
  }
  try {
    return anchorFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new IsthmusError('FILE_FAILED', {
      place: file,
      rule: 'it is not the head of an audit trail',
      cause,
    });
  }
}

/**
 * Keeps the head of the chain in a file, outside the database. The file moves forward only, and only along the chain it belongs to: throws
 * AUDIT_BROKEN and leaves it as it is when the chain has been cut below it or is another one. Else whoever rewrote the trail would
 * only have to wait until the next head covered their tracks.
 */
export async function anchorAudit(database: Database, file: string): Promise<SealedHead | undefined> {
  // Under the sealer's lock, so that of two processes with one file the slower can't write the older head.
  return database.transaction(async (transaction) => {
    await transaction.query(statements.lockSeals);
    const anchor = await readAnchor(file);
    const [last = GENESIS] = await transaction.query<SealRow>(statements.lastSeal);
    const head = headOf(last);
    if (anchor) {
      const [sealed] = await transaction.query<Pick<SealRow, 'hash'>>(statements.sealHash, [anchor.number]);
      if (sealed?.hash.toString('hex') !== anchor.hash) throw broken(file, anchor, head);
    }
    if (head.number === (anchor?.number ?? GENESIS.number)) return anchor;
    await write(file, head);
    return head;
  });
}

function broken(file: string, anchor: SealedHead, head: SealedHead): IsthmusError {
  const rule =
    head.number < anchor.number
      ? `the chain ends at seal ${head.number}, and seal ${anchor.number} was kept in ${file}`
      : `seal ${anchor.number} is not the one that was kept in ${file}`;
  return new IsthmusError('AUDIT_BROKEN', { rule });
}

async function write(file: string, { number, hash }: SealedHead): Promise<void> {
  try {
    await writeDurably(file, `${JSON.stringify({ number, hash })}\n`);
  } catch (cause) {
    throw new IsthmusError('FILE_FAILED', { place: file, rule: 'it can not be written', cause });
  }
}
