import type { Change } from '../../trust/access/index.ts';

/** What a subscriber is sent when a resource changed: that it did, and nothing of what it says. They pull it if they may. */
export interface Notification {
  readonly content: Uint8Array;
  readonly contentType: 'application/json';
  /** For lists and traces: `Observation/…`. */
  readonly label: string;
}

export interface NotificationOptions {
  /** When the change was written. */
  readonly at: Date;
  readonly correlationId?: string;
}

/** A Standard Webhooks payload: `type`, `timestamp`, `data`. Undefined for a write that changed nothing. */
export function notificationOf(
  change: Change,
  { at, correlationId }: NotificationOptions,
): Notification | undefined {
  if (change.kind === 'unchanged') return undefined;
  const reference = `${change.type}/${change.id}`;
  const body = {
    type: `${change.type}.${change.kind}`,
    timestamp: at.toISOString(),
    data: {
      reference,
      versionId: String(change.version),
      ...(correlationId === undefined ? {} : { correlationId }),
    },
  };
  return { content: Buffer.from(JSON.stringify(body)), contentType: 'application/json', label: reference };
}
