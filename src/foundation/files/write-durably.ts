import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file aside, flushes it, renames it and flushes the folder, which is made when it is not there: after a power cut it is the old
 * one or the new one. Readable by its owner only. Throws the error of the file system, with nothing left aside.
 */
export async function writeDurably(file: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const aside = `${file}.${randomUUID()}.new`;
  try {
    const handle = await open(aside, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Without it, a power cut can undo the rename (reference: "Traps"). Windows can't open a folder and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
