import { FileSource } from '../files/source.ts';
import { hostPort } from '../shared/listen.ts';
import type { SourceKind } from '../types.ts';
import { type SftpSourceOptions, sftpSourceOptions } from './options.ts';
import { SftpStore } from './sftp-store.ts';

export const sftpSource: SourceKind<SftpSourceOptions> = {
  kind: 'sftp',
  options: sftpSourceOptions,
  create: (options, context) =>
    new FileSource({
      store: new SftpStore(options, {
        folders: [options.doneFolder, options.failedFolder],
        clock: context.clock,
      }),
      options,
      context,
      address: `sftp://${hostPort(options.host, options.port)}`,
      mustOpen: false,
    }),
};
