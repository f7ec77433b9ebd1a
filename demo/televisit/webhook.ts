import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

/** What the engine says: that a resource changed, never what it contains. */
const notificationSchema = z.object({
  type: z.string(),
  data: z.object({ reference: z.string().regex(/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9\-.]{1,64}$/) }),
});

export type Verdict =
  | { readonly verdict: 'genuine'; readonly id: string; readonly reference: string }
  /** The signature does not fit, or its time stamp lies more than five minutes off. */
  | { readonly verdict: 'forged' }
  | { readonly verdict: 'not-understood' };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Judges webhooks by the Standard Webhooks specification. Throws when the secret is not one (`whsec_` and base64). */
export function createVerifier(secret: string): (body: Buffer, headers: Headers) => Verdict {
  const webhook = new Webhook(secret);
  return (body, headers) => {
    const plain = Object.fromEntries(
      Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
    try {
      webhook.verify(body, plain, { jsonParse: false });
    } catch {
      return { verdict: 'forged' };
    }
    const parsed = notificationSchema.safeParse(parseJson(body));
    const id = plain['webhook-id'];
    if (!parsed.success || id === undefined) return { verdict: 'not-understood' };
    return { verdict: 'genuine', id, reference: parsed.data.data.reference };
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
