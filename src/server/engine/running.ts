import type { ChannelStatus } from '../../exchange/channels/index.ts';
import type { NodeState } from '../../operations/status/index.ts';
import type { Timeline } from '../../operations/timeline/index.ts';

/** An engine that runs, for whoever started it. */
export interface RunningIsthmus {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  readonly timeline: Timeline;
  state(): NodeState;
  channels(): readonly ChannelStatus[];
  /** Loads the configuration again and goes over to what changed; mistakes are logged and change nothing. */
  reload(): Promise<void>;
  /** Sources, queues, lease, HTTP, database, in this order; what was acknowledged is safe at every moment of it. */
  stop(): Promise<void>;
}
