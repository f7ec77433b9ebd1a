import { Webhook } from 'standardwebhooks';

export type Signer = (id: string, at: Date, body: Uint8Array) => Record<string, string>;

/**
 * The three headers of Standard Webhooks (https://www.standardwebhooks.com, "Signature scheme"): the id is the idempotency key and so the
 * same for every repeat, the timestamp is of the attempt, and there is one signature for each secret.
 */
export function createSigner(secrets: readonly string[]): Signer {
  const keys = secrets.map((secret) => new Webhook(secret));
  return (id, at, body) => {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': keys.map((key) => key.sign(id, at, text)).join(' '),
    };
  };
}
