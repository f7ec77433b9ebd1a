import { directoryDestination } from './directory/destination.ts';
import { directorySource } from './directory/source.ts';
import { httpSource } from './http/source.ts';
import { mllpDestination } from './mllp/destination.ts';
import { mllpSource } from './mllp/source.ts';
import { sftpDestination } from './sftp/destination.ts';
import { sftpSource } from './sftp/source.ts';
import type { DestinationKind, SourceKind } from './types.ts';
import { webhookDestination } from './webhook/destination.ts';

/**
 * Every connector the product ships, for those who look one up by the `kind` of a configuration. Options come as `unknown` and are
 * checked by the kind's own schema before `create` sees them.
 */
export const connectorKinds: {
  readonly sources: readonly SourceKind<unknown>[];
  readonly destinations: readonly DestinationKind<unknown>[];
} = {
  sources: [mllpSource, httpSource, directorySource, sftpSource],
  destinations: [mllpDestination, webhookDestination, directoryDestination, sftpDestination],
};
