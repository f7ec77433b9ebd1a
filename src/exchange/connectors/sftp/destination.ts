import { FileDestination } from '../files/destination.ts';
import { hostPort } from '../shared/listen.ts';
import type { DestinationKind } from '../types.ts';
import { type SftpDestinationOptions, sftpDestinationOptions } from './options.ts';
import { SftpStore } from './sftp-store.ts';

export const sftpDestination: DestinationKind<SftpDestinationOptions> = {
  kind: 'sftp',
  options: sftpDestinationOptions,
  create: (options, context) =>
    new FileDestination({
      store: new SftpStore(options, { folders: [], clock: context.clock }),
      fileName: options.fileName,
      context,
      address: `sftp://${hostPort(options.host, options.port)}`,
    }),
};
