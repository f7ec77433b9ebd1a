import { z } from 'zod';

/** What the platform writes down, so that nothing it acknowledged is forgotten. References and keys, no clinical content but the visits it sends. */
const recordSchema = z.discriminatedUnion('kind', [
  /** A notification was acknowledged; the resource is still to be pulled. */
  z.object({ kind: z.literal('notified'), id: z.string(), reference: z.string() }),
  /** The resource was pulled (or does not exist any more). */
  z.object({ kind: z.literal('pulled'), reference: z.string() }),
  /** An appointment waits to become due. */
  z.object({ kind: z.literal('appointment'), reference: z.string(), startsAt: z.string() }),
  /** The appointment was cancelled, or no visit can come of it. */
  z.object({ kind: z.literal('dropped'), reference: z.string() }),
  /** A visit was finished. The body is fixed from here on; every repeat sends the same one under the same key. */
  z.object({ kind: z.literal('finished'), reference: z.string(), key: z.string(), body: z.string() }),
  /** The engine took the visit, or refused it for good. */
  z.object({ kind: z.literal('answered'), reference: z.string(), key: z.string(), status: z.number() }),
]);

export type PlatformRecord = z.infer<typeof recordSchema>;

export const parseRecord = (value: unknown): PlatformRecord => recordSchema.parse(value);
