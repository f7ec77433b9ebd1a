import { z } from 'zod';
import { refineExposure } from '../shared/listen.ts';
import { clientTlsOptions, serverTlsOptions } from '../shared/tls.ts';

const seconds = 1_000;
const port = z.int().min(0).max(65_535);

/** Options of an MLLP source. Times in milliseconds, sizes in bytes; every default is a limit. */
export const mllpSourceOptions = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port,
    tls: serverTlsOptions.optional(),
    /** Deliberately listens to other machines without mutual TLS: a VPN or a tunnel must protect the way. */
    allowPlaintextOffLoopback: z.boolean().default(false),
    maxFrameBytes: z
      .int()
      .min(1_024)
      .default(50 * 1_048_576),
    maxConnections: z.int().min(1).default(1_000),
    /** Frames of one connection between arrival and answer; reading stops above it. */
    maxInFlight: z.int().min(1).max(10_000).default(64),
    /** The same limit in bytes; one frame is always admitted. */
    maxInFlightBytes: z
      .int()
      .min(1_024)
      .default(4 * 1_048_576),
    /** A connection that sends nothing for so long is closed. */
    idleTimeoutMs: z
      .int()
      .min(1_000)
      .default(86_400 * seconds),
    /** How long a frame may stay open for each megabyte begun (slow senders hold memory). */
    frameTimeoutMs: z
      .int()
      .min(100)
      .default(30 * seconds),
    /** How long `stop` waits for what is in hand. */
    drainTimeoutMs: z
      .int()
      .min(0)
      .default(10 * seconds),
    /** What a frame without a readable MSH gets: AR under a control id of ours, or a closed connection. */
    unparsable: z.enum(['reject', 'close']).default('reject'),
    /** MSH-11 values taken here; without the list any. */
    processingIds: z
      .array(z.enum(['P', 'T', 'D']))
      .min(1)
      .optional(),
    /** MSH-12 values taken here, e.g. `2.5.1`; without the list any. */
    versions: z
      .array(z.string().regex(/^2\.\d(\.\d)?$/))
      .min(1)
      .optional(),
    /** The character set when MSH-18 is empty; the standard says ASCII. */
    defaultCharset: z.string().min(1).optional(),
    /** MSH-3 and MSH-4 of our acknowledgments; otherwise what the sender put into MSH-5 and MSH-6. */
    answerAs: z.strictObject({ application: z.string(), facility: z.string() }).optional(),
    /** MLLP release 2: a commit acknowledgment block (0x06, or 0x15) before the answer. Release 1 peers choke on it. */
    release: z.literal([1, 2]).default(1),
  })
  .superRefine(refineExposure);
export type MllpSourceOptions = z.infer<typeof mllpSourceOptions>;

/** Options of an MLLP destination. Times in milliseconds, sizes in bytes. */
export const mllpDestinationOptions = z.strictObject({
  host: z.string().min(1),
  port: port.min(1),
  tls: clientTlsOptions.optional(),
  /** Lock-step connections, one message outstanding on each. More than one only for order `key`. */
  connections: z.int().min(1).max(256).default(1),
  connectTimeoutMs: z
    .int()
    .min(1)
    .default(10 * seconds),
  answerTimeoutMs: z
    .int()
    .min(1)
    .default(30 * seconds),
  maxAnswerBytes: z.int().min(256).default(1_048_576),
  /** AE and CE: tried again a bounded number of times (the queue counts), or parked at once. */
  onError: z.enum(['retry', 'park']).default('retry'),
  /** When MSH-16 asks for an application acknowledgment after CA: wait for it here, or be content with CA. */
  awaitApplicationAck: z.boolean().default(true),
});
export type MllpDestinationOptions = z.infer<typeof mllpDestinationOptions>;
