import { pathToFileURL } from 'node:url';
import { FileDestination } from '../files/destination.ts';
import type { DestinationKind } from '../types.ts';
import { LocalStore } from './local-store.ts';
import { type DirectoryDestinationOptions, directoryDestinationOptions } from './options.ts';

export const directoryDestination: DestinationKind<DirectoryDestinationOptions> = {
  kind: 'directory',
  options: directoryDestinationOptions,
  create: (options, context) =>
    new FileDestination({
      store: new LocalStore(options.path, []),
      fileName: options.fileName,
      context,
      address: pathToFileURL(options.path).href,
    }),
};
