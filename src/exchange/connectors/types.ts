import type { Clock } from '../../foundation/clock/index.ts';
import type { IsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { DeliveryResult } from '../queue/index.ts';

/**
 * The contract of every connector. A source takes bytes from a peer, hands each message to `accept` and tells the peer what
 * came of it, only after `accept` has settled. A destination delivers one message and says honestly what is known of the
 * outcome. Neither knows queues, channels or anything clinical.
 */

export interface Received {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Who is at the other end: remote address, certificate subject, client name or file name. For logs and the sender rule. */
  readonly peer: string;
  /** The sender's idempotency key where the protocol has one outside the body (HTTP header, file name). */
  readonly controlId?: string;
}

export type Acceptance =
  | {
      readonly outcome: 'committed';
      readonly messageId: number;
      readonly receivedAt: Date;
      readonly duplicate: boolean;
      /** Present when the channel answers synchronously: the destination's answer, or undefined when it did not come in time. */
      readonly reply?: Uint8Array;
    }
  /** Not taken: nothing was committed. `retry` says whether the sender should send it again. */
  | { readonly outcome: 'refused'; readonly error: IsthmusError; readonly retry: boolean };

/** Never throws; resolves after the commit. */
export type Accept = (received: Received) => Promise<Acceptance>;

export type ConnectionState = 'stopped' | 'starting' | 'up' | 'down' | 'paused';

export interface ConnectionStatus {
  readonly state: ConnectionState;
  /** Where it listens or goes to, without secrets: `mllp://127.0.0.1:2575`. */
  readonly address: string;
  /** Peers connected now (sources), lanes open now (destinations). */
  readonly connections: number;
  readonly since: Date;
  /** Why it is down, without patient data. */
  readonly reason?: string;
}

export interface ConnectorContext {
  /** The name in the configuration, for logs and status. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called on every change of state. */
  readonly onStatus: (status: ConnectionStatus) => void;
  /** The shared HTTP server, for sources that are a path on it. */
  readonly http?: HttpHost;
}

/** What an HTTP source needs of the server it is mounted on. */
export interface HttpHost {
  mount(path: string, handler: HttpHandler): { unmount(): void };
}
export interface HttpIncoming {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The authenticated client, or the remote address. */
  readonly peer: string;
}
export interface HttpOutgoing {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}
export type HttpHandler = (request: HttpIncoming) => Promise<HttpOutgoing>;

export interface Source {
  /** Resolves when messages can arrive. Throws PORT_TAKEN and the like. */
  start(accept: Accept): Promise<void>;
  /** Takes nothing new, keeps what it has (a listener stays bound, a directory stays unread). */
  pause(): void;
  resume(): void;
  /** Stops taking, lets what is in `accept` finish and be answered, closes. */
  stop(): Promise<void>;
  status(): ConnectionStatus;
}

export interface Delivery {
  readonly idempotencyKey: string;
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly type: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly correlationId: string;
  readonly label: string | undefined;
}

export interface Destination {
  /** How many deliveries may run at once. 1 in strict order. */
  readonly lanes: number;
  start(): Promise<void>;
  /** Never throws. `signal` aborts on stop: the attempt then counts as ambiguous if anything was sent. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryResult>;
  stop(): Promise<void>;
  status(): ConnectionStatus;
}

/** A connector kind: its options as a zod schema (checked by `isthmus check`) and how to make it. */
export interface SourceKind<Options> {
  readonly kind: string;
  readonly options: import('zod').ZodType<Options>;
  create(options: Options, context: ConnectorContext): Source;
}
export interface DestinationKind<Options> {
  readonly kind: string;
  readonly options: import('zod').ZodType<Options>;
  create(options: Options, context: ConnectorContext): Destination;
}
