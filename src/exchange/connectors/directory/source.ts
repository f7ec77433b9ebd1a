import { pathToFileURL } from 'node:url';
import { FileSource } from '../files/source.ts';
import type { SourceKind } from '../types.ts';
import { LocalStore } from './local-store.ts';
import { type DirectorySourceOptions, directorySourceOptions } from './options.ts';

export const directorySource: SourceKind<DirectorySourceOptions> = {
  kind: 'directory',
  options: directorySourceOptions,
  create: (options, context) =>
    new FileSource({
      store: new LocalStore(options.path, [options.doneFolder, options.failedFolder]),
      options,
      context,
      address: pathToFileURL(options.path).href,
      mustOpen: true,
    }),
};
