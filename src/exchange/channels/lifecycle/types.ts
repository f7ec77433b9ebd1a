import type { Clock } from '../../../foundation/clock/index.ts';
import type { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Events } from '../../../foundation/events/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import type { ConnectionStatus, HttpHost } from '../../connectors/index.ts';
import type {
  AcceptedMessage,
  ConsumerStatus,
  EffectHandler,
  MessageDraft,
  QueueEngine,
  Release,
} from '../../queue/index.ts';
import type { Kinds, Mistake } from '../check/types.ts';
import type { KeysOf } from '../intake/keys.ts';
import type { LoadedConfig } from '../load/load-config.ts';
import type { PauseRequest, PauseStore } from './pauses.ts';
import type { ResolvedDestination } from './resolve.ts';

export interface ChannelsOptions {
  readonly engine: QueueEngine;
  /** The connector and step kinds a configuration may name. */
  readonly kinds: Kinds;
  /** Write what plans want written, by kind: `record` and what steps of the product add. */
  readonly effects?: readonly EffectHandler[];
  readonly keysOf: KeysOf;
  /** The decision to let an entry leave for this destination; without one everything leaves as planned. */
  readonly release?: (destination: ReleaseScope) => Release | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The shared HTTP server, for sources that are a path on it. */
  readonly http?: HttpHost;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The data directory. */
  readonly home: string;
  /** Remembers which channels are paused over a restart. Without it a restart forgets. */
  readonly pauses?: PauseStore;
  readonly stepWorker?: { readonly maxHeapMb?: number };
}

/** What a release decision may know of the destination it decides for. */
export type ReleaseScope = Pick<ResolvedDestination, 'name' | 'queue' | 'kind' | 'system' | 'send'> & {
  readonly channel: string;
};

export type ChannelState = 'running' | 'paused' | 'disabled' | 'failed' | 'stopped';

export interface DestinationStatus {
  readonly name: string;
  readonly queue: string;
  readonly system: string;
  readonly connection: ConnectionStatus;
  readonly consumer: ConsumerStatus;
}

export interface ChannelStatus {
  readonly channel: string;
  readonly state: ChannelState;
  readonly reason?: string;
  readonly system: string | undefined;
  readonly source?: ConnectionStatus;
  readonly pipeline?: ConsumerStatus;
  readonly destinations: readonly DestinationStatus[];
}

export interface ReloadReport {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Channels of which something was replaced, and what: `source`, `pipeline`, `to televisit`. */
  readonly changed: readonly { readonly channel: string; readonly parts: readonly string[] }[];
  readonly unchanged: readonly string[];
  /** Parts that did not come up, e.g. because a port is taken. Everything else runs; a further reload tries them again. */
  readonly failed: readonly { readonly channel: string; readonly error: IsthmusError }[];
}

export interface ChannelsEvents {
  connection: {
    readonly channel: string;
    readonly name: string;
    readonly system: string | undefined;
    readonly status: ConnectionStatus;
  };
  reloaded: ReloadReport;
  refused: { readonly mistakes: readonly Mistake[] };
  paused: { readonly channel: string; readonly reason: string };
  resumed: { readonly channel: string };
  accepted: { readonly channel: string; readonly draft: MessageDraft; readonly message: AcceptedMessage };
}

export interface Channels {
  readonly events: Events<ChannelsEvents>;
  /**
   * Brings a configuration to life: queues, then destinations and pipelines, then sources. Throws CONFIG_INVALID with every mistake, or
   * what keeps a source from starting (PORT_TAKEN); nothing runs then.
   */
  start(loaded: LoadedConfig): Promise<void>;
  /** Goes over to another configuration: replaces only what changed. Throws CONFIG_INVALID and changes nothing when it has mistakes. */
  reload(loaded: LoadedConfig): Promise<ReloadReport>;
  /** The source takes nothing more; what was accepted flows on. Throws CHANNEL_UNKNOWN. */
  pause(request: PauseRequest): Promise<void>;
  resume(request: PauseRequest): Promise<void>;
  status(): ChannelStatus[];
  /** Sources first, then pipelines, then destinations: nothing that was acknowledged is left half done. */
  stop(): Promise<void>;
}
