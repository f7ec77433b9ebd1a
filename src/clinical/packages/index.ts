/**
 * FHIR packages (implementation guides as .tgz) in the database: what they define, for the validator.
 *
 * It promises: a package is there whole or not at all, several versions of it beside each other, and a running engine validates by it moments after it was loaded. It never does: write a
 * file, fetch a package from anywhere, or refuse a code because a code system is not at hand.
 */
import type { Migration } from '../../foundation/database/index.ts';
import packages from './migrations/0025_packages.sql';

export const migrations: Migration[] = [{ number: 25, name: 'packages', text: packages }];

export type { ArchiveLimits } from './archive.ts';
export type { DefinitionType } from './contents.ts';
export { type LoadedPackage, listPackages, type RemoveOptions, removePackage } from './list.ts';
export { type LoadOptions, type LoadOutcome, loadPackage, packageFile } from './load.ts';
export { openProfiles, type Profiles } from './profiles.ts';
export { readDefinitions } from './read.ts';
