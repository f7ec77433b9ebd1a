/**
 * Digests, ids and envelope encryption (DESIGN 4). It promises: AES-256-GCM with a fresh data key for each sealed value, bound to
 * the place it was sealed for, with the id of the wrapping key beside it, so keys rotate without downtime. It never does: invent a
 * cipher, write key material anywhere but the key file, or open what was altered or moved.
 */
export { sha256 } from './digest.ts';
export { addKey, loadKeyring, makeKeyFile } from './key-file.ts';
export { createKeyring, type Keyring, type Sealed, type WrappingKey } from './keyring.ts';
export { equalSecrets, randomId, randomToken } from './random.ts';
export { type SealedTokens, sealedTokens } from './sealed-tokens.ts';
export { secretAt } from './secret-file.ts';
