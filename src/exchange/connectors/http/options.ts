import { z } from 'zod';
import { exposureRule, mayBind } from '../shared/listen.ts';
import { serverTlsOptions } from '../shared/tls.ts';

/** `application/json`, `application/*+json` or HL7 over HTTP; compared without parameters and case. */
const mediaType = z
  .string()
  .regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/, 'a media type in lower case, without parameters');

/** Options of an HTTP source. Times in milliseconds, sizes in bytes. */
export const httpSourceOptions = z
  .strictObject({
    path: z.string().regex(/^\/[A-Za-z0-9._~/-]*$/, 'an absolute path without parameters'),
    /** Without a port the source is a path on the product's own HTTP server, which authenticates. */
    port: z.int().min(0).max(65_535).optional(),
    host: z.string().min(1).default('127.0.0.1'),
    tls: serverTlsOptions.optional(),
    allowPlaintextOffLoopback: z.boolean().default(false),
    /** With a port: who may post, by bearer token. Empty means nobody; without the list, whoever reaches the port. */
    clients: z.array(z.strictObject({ name: z.string().min(1), token: z.string().min(16) })).optional(),
    contentTypes: z
      .array(mediaType)
      .min(1)
      .default(['application/json', 'application/fhir+json', 'application/hl7-v2']),
    maxBodyBytes: z
      .int()
      .min(1)
      .default(10 * 1_048_576),
    maxJsonDepth: z.int().min(1).max(1_000).default(64),
    /** Sent with 503. */
    retryAfterSeconds: z.int().min(1).max(3_600).default(5),
    /** With a port: how long a request may take to arrive. */
    requestTimeoutMs: z.int().min(100).default(30_000),
    maxConnections: z.int().min(1).default(1_000),
    drainTimeoutMs: z.int().min(0).default(10_000),
    processingIds: z
      .array(z.enum(['P', 'T', 'D']))
      .min(1)
      .optional(),
    versions: z
      .array(z.string().regex(/^2\.\d(\.\d)?$/))
      .min(1)
      .optional(),
    defaultCharset: z.string().min(1).optional(),
    answerAs: z.strictObject({ application: z.string(), facility: z.string() }).optional(),
  })
  .superRefine((options, context) => {
    if (options.port !== undefined && !mayBind(options))
      context.addIssue({ code: 'custom', path: ['host'], message: exposureRule });
    if (options.port === undefined && (options.tls || options.clients)) {
      context.addIssue({
        code: 'custom',
        path: ['port'],
        message: 'tls and clients belong to a port of its own',
      });
    }
  });
export type HttpSourceOptions = z.infer<typeof httpSourceOptions>;
