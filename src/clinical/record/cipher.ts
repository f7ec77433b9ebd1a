import type { Keyring } from '../../foundation/crypto/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';

/** Content at rest (DESIGN 4): sealed for its resource when there is a keyring, so that it opens nowhere else. */
export interface RestingContent {
  readonly bytes: Buffer;
  /** Null for content in the clear. */
  readonly keyId: string | null;
}

interface Named {
  readonly type: string;
  readonly id: string;
}

const placeOf = ({ type, id }: Named): string => `resource ${type}/${id}`;

export function sealContent(resource: Named, bytes: Buffer, keyring: Keyring | undefined): RestingContent {
  if (!keyring) return { bytes, keyId: null };
  const { keyId, sealed } = keyring.seal(bytes, placeOf(resource));
  return { bytes: sealed, keyId };
}

/** Content of a row. Throws CRYPTO_KEY_UNKNOWN when it is sealed and there is no key for it, CRYPTO_ALTERED. */
export function openContent(
  row: Named & { readonly content: Uint8Array; readonly content_key: string | null },
  keyring: Keyring | undefined,
): Buffer {
  const { content, content_key: keyId } = row;
  if (keyId === null) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!keyring) throw new IsthmusError('CRYPTO_KEY_UNKNOWN', { place: `key ${keyId}` });
  return keyring.open(keyId, content, placeOf(row));
}
