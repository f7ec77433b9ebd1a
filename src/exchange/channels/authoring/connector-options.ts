import type { Secret } from './secrets.ts';

/** What an editor shows while a connector is written down. The connector kind's own schema is what judges it. */

export interface SourceOptions {
  /** Which declared system is at the other end. Default: the only `ehr` (for `http`: the only `telehealth`). */
  readonly system?: string;
}

/** PEM text by reference, or the path of a file that holds it. */
type Pem = string | Secret;

export interface ServerTlsOptions {
  readonly cert: Pem;
  readonly key: Pem;
  /** Peers must show a certificate of this authority (mutual TLS). */
  readonly ca?: Pem;
  /** Subject common names that may connect. Empty means nobody. */
  readonly clients?: readonly string[];
}

export interface ClientTlsOptions {
  readonly ca?: Pem;
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly serverName?: string;
}

export interface MllpSourceOptions {
  readonly port: number;
  /** Default `127.0.0.1`. Elsewhere only with mutual TLS. */
  readonly host?: string;
  readonly tls?: ServerTlsOptions;
  readonly allowPlaintextOffLoopback?: boolean;
  readonly maxFrameBytes?: number;
  readonly idleTimeoutMs?: number;
  readonly maxConnections?: number;
}

export interface MllpDestinationOptions {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: ClientTlsOptions;
  readonly allowPlaintextOffLoopback?: boolean;
  readonly connectTimeoutMs?: number;
  readonly answerTimeoutMs?: number;
}

export interface HttpSourceOptions {
  /** Where it is mounted on the engine's HTTP server, e.g. `/in/visits`. */
  readonly path: string;
  readonly maxBytes?: number;
}

export interface HttpDestinationOptions {
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string | Secret>>;
  readonly timeoutMs?: number;
}

export interface WebhookOptions {
  readonly url?: string;
  /** The signing secret (`whsec_…`), by reference. */
  readonly secret?: Secret;
  readonly timeoutMs?: number;
}

export interface DirectorySourceOptions {
  readonly path: string;
  readonly pollMs?: number;
}

export interface DirectoryDestinationOptions {
  readonly path?: string;
}

export interface SftpConnectionOptions {
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: Secret;
  readonly privateKey?: Pem;
}

export interface SftpSourceOptions extends SftpConnectionOptions {
  readonly path: string;
  readonly pollMs?: number;
}

export interface SftpDestinationOptions extends SftpConnectionOptions {
  readonly path?: string;
}
