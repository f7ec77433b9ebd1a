import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { IsthmusError } from '../errors/index.ts';

/** A wrapping key of 256 bits with the name that rows carry. */
export interface WrappingKey {
  readonly id: string;
  readonly key: Uint8Array;
}

export interface Sealed {
  /** Stored beside the sealed bytes: which wrapping key opens them. */
  readonly keyId: string;
  readonly sealed: Buffer;
}

export interface Keyring {
  /** Id of the key that seals what is new. */
  readonly activeKeyId: string;
  /**
   * Encrypts under a fresh data key. `context` says what the bytes are and where they belong (`message 42`); they open only with the same
   * context, so a sealed value can't be moved to another row.
   */
  seal(bytes: Uint8Array, context?: string): Sealed;
  /** Throws CRYPTO_KEY_UNKNOWN for a key that is not in the ring, CRYPTO_ALTERED for altered or moved bytes. */
  open(keyId: string, sealed: Uint8Array, context?: string): Buffer;
  /** The same content under the active key, without touching it: only its data key is wrapped anew. */
  rewrap(keyId: string, sealed: Uint8Array): Sealed;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const HEAD_BYTES = 1 + WRAPPED_BYTES;

/**
 * Envelope encryption with AES-256-GCM (NIST SP 800-38D). Sealed bytes: format (1), wrapped data key (nonce 12, key 32, tag 16), nonce 12,
 * ciphertext, tag 16. A data key seals one value only, so nonces never repeat under it; a wrapping key wraps 2^32 of them at most, which its
 * rotation keeps far away. The wrap is bound to the key's id and the content to the context.
 */
export function createKeyring(keys: readonly WrappingKey[], activeKeyId: string): Keyring {
  const ring = new Map(keys.map(({ id, key }) => [id, Buffer.from(key)]));
  for (const [id, key] of ring) {
    if (key.length !== KEY_BYTES)
      throw new IsthmusError('CONFIG_INVALID', { place: `key ${id}`, rule: 'a key has 256 bits' });
  }
  if (!ring.has(activeKeyId))
    throw new IsthmusError('CONFIG_INVALID', {
      place: `key ${activeKeyId}`,
      rule: 'the active key is not in the ring',
    });
  const find = (id: string): Buffer => {
    const key = ring.get(id);
    if (key) return key;
    throw new IsthmusError('CRYPTO_KEY_UNKNOWN', { place: `key ${id}` });
  };
  const wrap = (dataKey: Buffer) => encrypt(find(activeKeyId), dataKey, `key ${activeKeyId}`);
  const unwrap = (keyId: string, sealed: Uint8Array) => {
    if (sealed.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || sealed[0] !== FORMAT) throw altered();
    return decrypt(find(keyId), sealed.subarray(1, HEAD_BYTES), `key ${keyId}`);
  };
  return {
    activeKeyId,
    seal(bytes, context = '') {
      const dataKey = randomBytes(KEY_BYTES);
      return {
        keyId: activeKeyId,
        sealed: Buffer.concat([Buffer.of(FORMAT), wrap(dataKey), encrypt(dataKey, bytes, context)]),
      };
    },
    open: (keyId, sealed, context = '') =>
      decrypt(unwrap(keyId, sealed), sealed.subarray(HEAD_BYTES), context),
    rewrap(keyId, sealed) {
      const head = Buffer.concat([Buffer.of(FORMAT), wrap(unwrap(keyId, sealed))]);
      return { keyId: activeKeyId, sealed: Buffer.concat([head, sealed.subarray(HEAD_BYTES)]) };
    },
  };
}

function encrypt(key: Buffer, bytes: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Uint8Array, context: string): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(sealed.length - TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw altered(cause);
  }
}

const altered = (cause?: unknown) => new IsthmusError('CRYPTO_ALTERED', cause === undefined ? {} : { cause });
