import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IsthmusError } from '../errors/index.ts';
import { randomId, randomToken } from './random.ts';

/**
 * The secret kept in this file, readable by its owner only; made when there is none. Two processes that make it at once agree on one.
 * Throws FILE_FAILED.
 */
export async function secretAt(path: string): Promise<string> {
  const found = await read(path);
  if (found) return found;
  const aside = `${path}.${randomId()}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(aside, `${randomToken()}\n`, { mode: 0o600, flag: 'wx', flush: true });
    // Unlike a rename, a link does not replace the secret of one who was faster.
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw failed(path, 'it can not be written', error);
  } finally {
    await rm(aside, { force: true });
  }
  const made = await read(path);
  if (made) return made;
  throw failed(path, 'it is empty');
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failed(path, 'the present user can not read it; start Isthmus as the user who made it', error);
  }
}

const failed = (path: string, rule: string, cause?: unknown) =>
  new IsthmusError('FILE_FAILED', cause === undefined ? { place: path, rule } : { place: path, rule, cause });
