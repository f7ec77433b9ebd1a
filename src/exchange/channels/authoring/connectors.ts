import type {
  DirectoryDestinationOptions,
  DirectorySourceOptions,
  HttpSourceOptions,
  MllpDestinationOptions,
  MllpSourceOptions,
  SftpDestinationOptions,
  SftpSourceOptions,
  SourceOptions,
  WebhookOptions,
} from './connector-options.ts';
import type {
  DeliveryOptions,
  DestinationDescriptor,
  Options,
  RecordDescriptor,
  RecordOptions,
  SourceDescriptor,
} from './types.ts';

/**
 * One word for both ends of a connection: with options alone it is a source (`mllp({ port: 2575 })`), with the name of a
 * system first it is a destination (`mllp('behavioral', { only: event('A04') })`).
 */

/** MLLP, HL7 v2's own framing over TCP (HL7 MLLP Release 1). */
export function mllp(options: MllpSourceOptions & SourceOptions): SourceDescriptor;
export function mllp(
  system: string,
  options?: MllpDestinationOptions & DeliveryOptions,
): DestinationDescriptor;
export function mllp(first: string | object, second: object = {}): SourceDescriptor | DestinationDescriptor {
  return connector('mllp', first, second);
}

/** A path that takes POSTs, on the engine's own HTTP server or on a port of its own. */
export function http(options: HttpSourceOptions & SourceOptions): SourceDescriptor {
  return sourceOf('http', options);
}

/** Files in a directory: taken when whole, or written aside and renamed. */
export function directory(options: DirectorySourceOptions & SourceOptions): SourceDescriptor;
export function directory(
  system: string,
  options?: DirectoryDestinationOptions & DeliveryOptions,
): DestinationDescriptor;
export function directory(
  first: string | object,
  second: object = {},
): SourceDescriptor | DestinationDescriptor {
  return connector('directory', first, second);
}

/** Files on an SFTP server. */
export function sftp(options: SftpSourceOptions & SourceOptions): SourceDescriptor;
export function sftp(
  system: string,
  options?: SftpDestinationOptions & DeliveryOptions,
): DestinationDescriptor;
export function sftp(first: string | object, second: object = {}): SourceDescriptor | DestinationDescriptor {
  return connector('sftp', first, second);
}

/** A signed POST (Standard Webhooks). In a channel with `record()` it says what changed; otherwise it carries the message. */
export function webhook(
  system: string,
  options: WebhookOptions & DeliveryOptions = {},
): DestinationDescriptor {
  return destinationOf('webhook', system, options);
}

/** The longitudinal record, written in the same transaction that moves the message on. */
export function record(options: Pick<DeliveryOptions, 'only'> & RecordOptions = {}): RecordDescriptor {
  const { only, ...rest } = options;
  return { role: 'record', kind: 'record', options: rest, ...(only === undefined ? {} : { only }) };
}

/** A source of a connector kind that an extension brings. */
export function source(kind: string, options: SourceOptions & Options = {}): SourceDescriptor {
  return sourceOf(kind, options);
}

/** A destination of a connector kind that an extension brings. */
export function destination(
  kind: string,
  system: string,
  options: DeliveryOptions & Options = {},
): DestinationDescriptor {
  return destinationOf(kind, system, options);
}

function connector(
  kind: string,
  first: string | object,
  second: object,
): SourceDescriptor | DestinationDescriptor {
  if (typeof first === 'string') return destinationOf(kind, first, second);
  return sourceOf(kind, first);
}

/** Splits which system it is from what its connector kind understands. */
function sourceOf(kind: string, options: object): SourceDescriptor {
  const { system, ...rest } = options as SourceOptions;
  return { role: 'source', kind, options: rest as Options, ...(system === undefined ? {} : { system }) };
}

/** Splits what every destination understands from what its connector kind understands. */
function destinationOf(kind: string, system: string, options: object): DestinationDescriptor {
  const common: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (deliveryOptionNames.has(name)) common[name] = value;
    else own[name] = value;
  }
  return { ...(common as DeliveryOptions), role: 'destination', kind, system, options: own as Options };
}

const names: { readonly [K in keyof Required<DeliveryOptions>]: true } = {
  only: true,
  steps: true,
  name: true,
  order: true,
  commit: true,
  retry: true,
  send: true,
};
const deliveryOptionNames: ReadonlySet<string> = new Set(Object.keys(names));
