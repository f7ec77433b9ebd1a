import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  addKey,
  createKeyring,
  equalSecrets,
  loadKeyring,
  makeKeyFile,
  randomId,
  secretAt,
  sha256,
} from '../../src/foundation/crypto/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isthmus-crypto-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = (id: string) => ({ id, key: randomBytes(32) });

describe('digests and ids', () => {
  test('sha256 is SHA-256', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        expect(sha256(bytes)).toEqual(createHash('sha256').update(bytes).digest());
      }),
    );
  });

  test('ids are version 7 UUIDs, differ, and sort by time', () => {
    const ids = [1_000, 2_000, 3_000].map((now) => randomId(now));
    expect(ids).toEqual([...ids].sort());
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(Array.from({ length: 1_000 }, () => randomId(5))).size).toBe(1_000);
  });

  test('secrets are equal only when they are', () => {
    expect(equalSecrets('abc', 'abc')).toBe(true);
    expect(equalSecrets('abc', 'abd')).toBe(false);
    expect(equalSecrets('abc', 'abcd')).toBe(false);
  });
});

describe('envelope encryption', () => {
  const ring = createKeyring([key('k1')], 'k1');

  test('what was sealed opens to the same bytes, and shows none of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 5_000 }), fc.string(), (bytes, context) => {
        const { keyId, sealed } = ring.seal(bytes, context);
        expect(ring.open(keyId, sealed, context)).toEqual(Buffer.from(bytes));
        expect(sealed.includes(Buffer.from(bytes))).toBe(false);
      }),
    );
  });

  test('the same bytes are never sealed to the same bytes', () => {
    const bytes = Buffer.from('the same');
    expect(ring.seal(bytes).sealed.equals(ring.seal(bytes).sealed)).toBe(false);
  });

  test('any changed byte is refused', () => {
    const { sealed } = ring.seal(Buffer.from('synthetic'), 'message 1');
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      expect(() => ring.open('k1', changed, 'message 1')).toThrow(
        expect.objectContaining({ code: 'CRYPTO_ALTERED' }),
      );
    }
    expect(() => ring.open('k1', sealed.subarray(0, 40), 'message 1')).toThrow(
      expect.objectContaining({ code: 'CRYPTO_ALTERED' }),
    );
  });

  test('sealed bytes that were moved to another row are refused', () => {
    const { sealed } = ring.seal(Buffer.from('synthetic'), 'message 1');
    expect(() => ring.open('k1', sealed, 'message 2')).toThrow(
      expect.objectContaining({ code: 'CRYPTO_ALTERED' }),
    );
  });

  test('rotation: the new key seals, the old one still opens, and a rewrap needs neither content nor context', () => {
    const [old, fresh] = [key('old'), key('new')];
    const before = createKeyring([old], 'old').seal(Buffer.from('synthetic'), 'message 1');
    const rotated = createKeyring([old, fresh], 'new');
    expect(rotated.seal(Buffer.from('x')).keyId).toBe('new');
    expect(rotated.open('old', before.sealed, 'message 1').toString()).toBe('synthetic');
    const rewrapped = rotated.rewrap('old', before.sealed);
    expect(
      createKeyring([fresh], 'new').open(rewrapped.keyId, rewrapped.sealed, 'message 1').toString(),
    ).toBe('synthetic');
  });

  test('a key that is not in the ring, and one that goes by another id, are told apart from damage', () => {
    const shared = randomBytes(32);
    const { sealed } = createKeyring([{ id: 'a', key: shared }], 'a').seal(Buffer.from('x'));
    const other = createKeyring([{ id: 'b', key: shared }], 'b');
    expect(() => other.open('a', sealed)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_KEY_UNKNOWN', place: 'key a' }),
    );
    expect(() => other.open('b', sealed)).toThrow(expect.objectContaining({ code: 'CRYPTO_ALTERED' }));
  });
});

describe('the key file', () => {
  test('is made once, for its owner only, and grows by rotation', async () => {
    const path = join(folder, 'keys.json');
    await makeKeyFile(path, 'k1');
    expect(statSync(path).mode & 0o077).toBe(0);
    await expect(makeKeyFile(path, 'k2')).rejects.toMatchObject({ code: 'FILE_FAILED' });
    const first = await loadKeyring(path);
    const { keyId, sealed } = first.seal(Buffer.from('x'));
    await addKey(path, 'k2');
    const second = await loadKeyring(path);
    expect(second.activeKeyId).toBe('k2');
    expect(second.open(keyId, sealed).toString()).toBe('x');
    await expect(addKey(path, 'k1')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test.each([
    ['no JSON', '{"keys": {"k1": "c2VjcmV0'],
    ['a key too short', JSON.stringify({ active: 'k1', keys: { k1: 'c2VjcmV0' } })],
    [
      'an active key that is not there',
      JSON.stringify({ active: 'k2', keys: { k1: randomBytes(32).toString('base64') } }),
    ],
  ])('with %s is refused without showing a key', async (_what, text) => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, text);
    const error: Error = await loadKeyring(path).then(
      () => new Error('it was taken'),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(`${error.message} ${error.cause}`).not.toContain('c2VjcmV0');
  });
});

test('a secret file is made once, also by several at the same time, for its owner only', async () => {
  const path = join(folder, 'deep', 'token');
  const secrets = await Promise.all([1, 2, 3, 4].map(() => secretAt(path)));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toMatch(/^[\w-]{43}$/);
  expect(readFileSync(path, 'utf8').trim()).toBe(secrets[0]);
  expect(statSync(path).mode & 0o077).toBe(0);
});
