import type { AttemptResult } from './attempt.ts';
import type { AcceptedMessage, MessageDraft, QueueEntry } from './types.ts';
import type { Verdict } from './verdict.ts';

/** What observers (timeline, metrics, alarms, synchronous replies) can hear. Content is not in them except through `entry`. */
export interface QueueEvents {
  accepted: { queue: string; draft: MessageDraft; message: AcceptedMessage };
  /** A control id came again with other content, at a source that asked to be told. */
  reused: { queue: string; messageId: number };
  planned: {
    queue: string;
    entry: QueueEntry;
    outcome: 'go' | 'filtered' | 'park' | 'hold' | 'blocked';
    reason?: string;
    outgoing: readonly { queue: string; sequence: number; label: string | undefined }[];
  };
  attempted: {
    queue: string;
    entry: QueueEntry;
    attempt: number;
    result: AttemptResult;
    verdict: Verdict;
    durationMs: number;
  };
  stalled: { queue: string; failures: number; waitMs: number; result: AttemptResult };
  parked: { queue: string; entry: QueueEntry; code?: string; reason?: string };
  held: { queue: string; reason: string };
  operated: { action: string; queue: string; actor: string; affected: number };
  lease: { state: 'owner' | 'standby' | 'lost'; epoch: number; reason?: string };
}
