import type {
  DirectoryDestinationOptions,
  MllpDestinationOptions,
  SftpDestinationOptions,
  WebhookOptions,
} from './connector-options.ts';
import type { Options, SystemDescriptor, SystemRole } from './types.ts';

export interface SystemOptions {
  /** The assigning authority (OID or namespace) of identifiers this system sends without one (PID-3.4 empty). */
  readonly authority?: string;
  /** HL7 v2 goes on as it came only within one trust group. Default: all systems are of the same group. */
  readonly trust?: string;
  /** How it is reached over MLLP: taken by `mllp('name')` where the destination says nothing else. */
  readonly mllp?: MllpDestinationOptions;
  readonly webhook?: WebhookOptions;
  readonly directory?: DirectoryDestinationOptions;
  readonly sftp?: SftpDestinationOptions;
  /** Connections of other kinds, by kind. */
  readonly connections?: Readonly<Record<string, Options>>;
}

function describe(role: SystemRole, options: SystemOptions): SystemDescriptor {
  const { authority, trust, connections, ...kinds } = options;
  return {
    role,
    ...(authority === undefined ? {} : { authority }),
    ...(trust === undefined ? {} : { trust }),
    connections: { ...connections, ...definedOnly(kinds) },
  };
}

function definedOnly(kinds: Readonly<Record<string, unknown>>): Record<string, Options> {
  const entries = Object.entries(kinds).filter(([, options]) => options !== undefined);
  return Object.fromEntries(entries.map(([kind, options]) => [kind, options as Options]));
}

/** An electronic health record: `ehr({ authority: '2.16.840.1.113883.19.5', mllp: { host, port } })`. */
export const ehr = (options: SystemOptions = {}): SystemDescriptor => describe('ehr', options);

/** A telehealth platform: `telehealth({ webhook: { url, secret: secret('TELEVISIT_SECRET') } })`. */
export const telehealth = (options: SystemOptions = {}): SystemDescriptor => describe('telehealth', options);

/** Any other system: a laboratory, a pharmacy, a billing system. */
export const system = (options: SystemOptions = {}): SystemDescriptor => describe('other', options);
