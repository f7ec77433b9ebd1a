import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { IsthmusError } from '../errors/index.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { randomId } from './random.ts';

/** The key file: JSON, its keys 256 bits in base64. Old keys stay in it as long as rows carry their id. */
const keyFile = z.strictObject({
  active: z.string().min(1),
  keys: z.record(z.string().regex(/^[A-Za-z0-9._-]{1,64}$/), z.base64().length(44)),
});
type KeyFile = z.infer<typeof keyFile>;

/** Reads the key file (ISTHMUS_KEYS). Throws CONFIG_INVALID naming file and place, never a key. */
export async function loadKeyring(path: string): Promise<Keyring> {
  const { active, keys } = await read(path);
  const ring = Object.entries(keys).map(([id, key]) => ({ id, key: Buffer.from(key, 'base64') }));
  return createKeyring(ring, active);
}

/** Makes a key file with one key, readable by its owner only. Throws FILE_FAILED when there is one: keys are never overwritten. */
export async function makeKeyFile(path: string, keyId: string): Promise<void> {
  await write(path, { active: keyId, keys: { [keyId]: newKey() } }, 'wx');
}

/** Adds a key that seals from now on; the older ones keep opening what they sealed. Running nodes read the file again at their start. */
export async function addKey(path: string, keyId: string): Promise<void> {
  const { keys } = await read(path);
  if (keys[keyId] !== undefined)
    throw new IsthmusError('CONFIG_INVALID', { place: `${path} key ${keyId}`, rule: 'there is one already' });
  const aside = `${path}.${randomId()}.new`;
  await write(aside, { active: keyId, keys: { ...keys, [keyId]: newKey() } }, 'wx');
  await rename(aside, path);
  await syncDirectory(dirname(path));
}

const newKey = () => randomBytes(32).toString('base64');

async function read(path: string): Promise<KeyFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new IsthmusError('CONFIG_INVALID', { place: path, rule: 'the key file can not be read', cause });
  }
  try {
    const { data, error } = keyFile.safeParse(JSON.parse(text));
    if (data) return data;
    throw new IsthmusError('CONFIG_INVALID', {
      place: `${path} ${error.issues[0]?.path.join('.') ?? ''}`.trim(),
      rule: 'see the form of a key file',
    });
  } catch (error) {
    if (error instanceof IsthmusError) throw error;
    // The message of the JSON parser can quote a key.
    throw new IsthmusError('CONFIG_INVALID', { place: path, rule: 'the key file is not JSON' });
  }
}

async function write(path: string, content: KeyFile, flag: 'wx'): Promise<void> {
  try {
    const file = await open(path, flag, 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(dirname(path));
  } catch (cause) {
    throw new IsthmusError('FILE_FAILED', { place: path, rule: 'the key file could not be written', cause });
  }
}

/** Without it, a power cut can undo the rename (reference: "Traps"). Windows can't open a directory and does not need it. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
