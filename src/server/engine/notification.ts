import type { Change } from '../../clinical/record/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';

export interface Notification {
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly label: string;
}

/**
 * What a subscriber is told of a change: which resource, in which version, and that it was created or updated. Never content: whoever may
 * see it pulls it (DESIGN 1). The form is that of Standard Webhooks: `type`, `timestamp`, `data`.
 */
export function notificationOf({ type, id, version, kind }: Change, clock: Clock): Notification {
  const reference = `${type}/${id}`;
  const body = {
    type: 'resource.changed',
    timestamp: clock.now().toISOString(),
    data: { reference, version: String(version), change: kind },
  };
  return { content: Buffer.from(JSON.stringify(body)), contentType: 'application/json', label: reference };
}
