import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Short texts that leave the house and come back unread and unchanged: cursors of pages, states of a redirect. */
export interface SealedTokens {
  /** In base64url. `context` is for whom and what it is; it is not in the token and must be the same when it is opened. */
  seal(text: string, context: string): string;
  /** Undefined for what this secret did not seal for this context. */
  open(token: string, context: string): string | undefined;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TOKEN = /^[A-Za-z0-9_-]+$/;

/** AES-256-GCM under a key derived from the secret for this use alone. Holders of the same secret open each other's tokens. */
export function sealedTokens(secret: string, use: string): SealedTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `isthmus ${use}`, 32));
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat(sealed).toString('base64url');
    },
    open(token, context) {
      const bytes = TOKEN.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const tag = bytes.subarray(bytes.length - TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
      const body = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
      try {
        return Buffer.concat([body, decipher.final()]).toString();
      } catch {
        // The only failure of `final` is a tag that does not fit.
        return undefined;
      }
    },
  };
}
