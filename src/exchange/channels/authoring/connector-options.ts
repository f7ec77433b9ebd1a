import type { Secret } from './secrets.ts';

/**
 * What an editor shows while a connector is written down: times in milliseconds, sizes in bytes. Every option left out has a default that
 * is a limit (docs/how-to/write-a-channel.md). The connector kind's own schema is what judges them.
 */

export interface SourceOptions {
  /** Which declared system is at the other end. Default: the only `ehr` (for `http`: the only `telehealth`). */
  readonly system?: string;
}

/** PEM text by reference, or the path of a file that holds it. */
export type Pem = string | Secret;

export interface ServerTlsOptions {
  readonly cert: Pem;
  readonly key: Pem;
  /** Peers must show a certificate of this authority (mutual TLS). */
  readonly ca?: Pem;
  /** Subject common names that may connect. Empty means nobody. */
  readonly clients?: readonly string[];
}

export interface ClientTlsOptions {
  /** Whom the peer's certificate must come from. Default: the system's roots. */
  readonly ca?: Pem;
  /** Our own certificate, when the peer asks for mutual TLS. */
  readonly cert?: Pem;
  readonly key?: Pem;
  /** The name the peer's certificate must carry, when it is not the host. */
  readonly serverName?: string;
}

/** Of sources that speak HL7 v2. */
export interface Hl7SourceOptions {
  /** MSH-12 values taken here, e.g. `2.5.1`; without the list any. */
  readonly versions?: readonly string[];
  /** The character set when MSH-18 is empty; the standard says ASCII. */
  readonly defaultCharset?: string;
  /** MSH-3 and MSH-4 of our acknowledgments; otherwise what the sender put into MSH-5 and MSH-6. */
  readonly answerAs?: { readonly application: string; readonly facility: string };
}

export interface ListenOptions {
  /** Default `127.0.0.1`. Elsewhere only with mutual TLS. */
  readonly host?: string;
  readonly tls?: ServerTlsOptions;
  /** Deliberately listens to other machines without mutual TLS: a VPN or a tunnel must protect the way. */
  readonly allowPlaintextOffLoopback?: boolean;
  readonly maxConnections?: number;
  /** How long a stop waits for what is in hand. */
  readonly drainTimeoutMs?: number;
}

export interface MllpSourceOptions extends ListenOptions, Hl7SourceOptions {
  readonly port: number;
  readonly maxFrameBytes?: number;
  /** Frames of one connection between arrival and answer; reading stops above it. */
  readonly maxInFlight?: number;
  readonly maxInFlightBytes?: number;
  /** A connection that sends nothing for so long is closed. */
  readonly idleTimeoutMs?: number;
  /** How long a frame may stay open for each megabyte begun. */
  readonly frameTimeoutMs?: number;
  /** What a frame without a readable MSH gets: AR under a control id of ours, or a closed connection. */
  readonly unparsable?: 'reject' | 'close';
  /** MLLP release; 2 sends commit acknowledgment blocks, which release 1 peers choke on. Default 1. */
  readonly release?: 1 | 2;
}

export interface MllpDestinationOptions {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: ClientTlsOptions;
  /** Deliberately sends to another machine without TLS: a VPN or a tunnel must protect the way. */
  readonly allowPlaintextOffLoopback?: boolean;
  /** Lock-step connections, one message outstanding on each. More than one only in order `key`. Default 1. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly answerTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
  /** AE and CE: tried again a bounded number of times, or parked at once. Default `retry`. */
  readonly onError?: 'retry' | 'park';
  /** When MSH-16 asks for an application acknowledgment after CA: wait for it, or be content with CA. Default true. */
  readonly awaitApplicationAck?: boolean;
}

export interface HttpSourceOptions extends ListenOptions, Hl7SourceOptions {
  /** Where it is mounted, e.g. `/in/visits`: on the product's own server, or with `port` on one of its own. */
  readonly path: string;
  readonly port?: number;
  /** With a port: who may post, by bearer token. Empty means nobody; without the list, whoever reaches the port. */
  readonly clients?: readonly { readonly name: string; readonly token: Secret }[];
  /** Media types taken. Default: JSON, FHIR JSON and HL7 v2. */
  readonly contentTypes?: readonly string[];
  readonly maxBodyBytes?: number;
  readonly maxJsonDepth?: number;
  /** Sent with 503. */
  readonly retryAfterSeconds?: number;
  readonly requestTimeoutMs?: number;
}

export interface WebhookOptions {
  readonly url?: string;
  /** Signing secrets (`whsec_…`); several while they are rotated. */
  readonly secrets?: readonly Secret[];
  /** Where requests may go. Default: exactly the URL's host and port, over https, at no private address. */
  readonly allow?: readonly {
    readonly host: string;
    readonly port?: number;
    readonly plaintext?: boolean;
    readonly private?: boolean;
  }[];
  readonly tls?: ClientTlsOptions;
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** How many requests may run at once. Default 4; 1 in strict order. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** The longest Retry-After that is honoured. */
  readonly maxRetryAfterMs?: number;
}

/** When a file counts as whole. */
export type WholeRule =
  | { readonly by: 'quiet'; readonly quietMs?: number }
  | { readonly by: 'rename' }
  | { readonly by: 'marker'; readonly suffix?: string };

export interface FileSourceOptions {
  readonly path: string;
  /** Names that are taken; `*` stands for any characters. */
  readonly pattern?: string;
  /** Default: unchanged for 2 s. */
  readonly whole?: WholeRule;
  readonly order?: 'name' | 'time';
  /** Default `application/hl7-v2`: one message, several, or a batch in a file. */
  readonly contentType?: string;
  readonly maxFileBytes?: number;
  /** When all its messages are committed. Default `move`, to `doneFolder`. */
  readonly after?: 'move' | 'delete';
  readonly doneFolder?: string;
  readonly failedFolder?: string;
  readonly scanEveryMs?: number;
  readonly maxFilesPerScan?: number;
  readonly drainTimeoutMs?: number;
}

export interface FileDestinationOptions {
  readonly path?: string;
  /** With `{key}`, so that a repeat meets the same file; also `{type}`, `{label}`, `{correlation}`. Default `{key}.hl7`. */
  readonly fileName?: string;
}

export interface SftpServerOptions {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: Secret;
  readonly privateKey?: Pem;
  readonly passphrase?: Secret;
  /** The server's host keys as `ssh-keygen -lf` shows them: `SHA256:…`. */
  readonly hostKeys?: readonly string[];
  readonly connectTimeoutMs?: number;
  readonly operationTimeoutMs?: number;
}

export type DirectorySourceOptions = FileSourceOptions;
export type DirectoryDestinationOptions = FileDestinationOptions;
export type SftpSourceOptions = FileSourceOptions & SftpServerOptions;
export type SftpDestinationOptions = FileDestinationOptions & SftpServerOptions;
