import { z } from 'zod';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { clientTlsOptions } from '../shared/tls.ts';
import { type AllowedHost, allowedHost, createAddressGuard } from './address-guard.ts';

const seconds = 1_000;

/** A Standard Webhooks secret: `whsec_` and 24 to 64 random bytes in base64. Its value is never part of a message. */
const secret = z.string().refine((value) => {
  const text = value.startsWith('whsec_') ? value.slice(6) : value;
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').length : 0;
  return bytes >= 24 && bytes <= 64;
}, 'whsec_ followed by 24 to 64 bytes in base64');

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/)
  .refine(
    (name) => !/^(webhook-.*|host|content-length|content-type|connection|transfer-encoding)$/i.test(name),
    'set by the connector',
  );

/** Options of a webhook destination. Times in milliseconds, sizes in bytes. */
export const webhookOptions = z
  .strictObject({
    url: z.string().min(1),
    /** One secret, or while rotating several: each gives a signature, and the receiver accepts any of them. */
    secrets: z.array(secret).min(1).max(4),
    /** Where requests may go. Without the list exactly the URL's own host and port; an empty list allows nothing. */
    allow: z.array(allowedHost).optional(),
    tls: clientTlsOptions.optional(),
    /** Further fixed headers, e.g. an API key. Never logged. */
    headers: z.record(headerName, z.string().regex(/^[\x20-\x7e]*$/)).default({}),
    connections: z.int().min(1).max(256).default(4),
    connectTimeoutMs: z
      .int()
      .min(1)
      .default(10 * seconds),
    timeoutMs: z
      .int()
      .min(1)
      .default(30 * seconds),
    maxResponseBytes: z.int().min(0).default(65_536),
    /** The longest Retry-After that is honoured. */
    maxRetryAfterMs: z
      .int()
      .min(0)
      .default(3_600 * seconds),
  })
  .superRefine((options, context) => {
    try {
      createAddressGuard({ allow: allowList(options) }).check(options.url);
    } catch (error) {
      const message = error instanceof IsthmusError ? (error.rule ?? error.message) : 'not a URL';
      context.addIssue({ code: 'custom', path: ['url'], message });
    }
  });
export type WebhookOptions = z.infer<typeof webhookOptions>;

/** Who wrote the URL into trusted configuration meant that host; anything less usual (http, private) has to be listed. */
export function allowList(options: {
  url: string;
  allow?: readonly AllowedHost[] | undefined;
}): readonly AllowedHost[] {
  if (options.allow !== undefined) return options.allow;
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (url === undefined) return [];
  const port = url.port === '' ? undefined : Number(url.port);
  return [{ host: url.hostname, plaintext: false, private: false, ...(port === undefined ? {} : { port }) }];
}
