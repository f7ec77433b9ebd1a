import { access, constants } from 'node:fs/promises';
import {
  type LoadOutcome,
  listPackages,
  loadPackage,
  packageFile,
  removePackage,
} from '../../clinical/packages/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { RemovePackageOptions } from './command-options.ts';
import { printJson, printLine, printTable, printTime } from './output.ts';
import { type CommandStore, withStore } from './with-store.ts';

/** One after the other; what was loaded before a file that is refused stays. */
export async function runPackageLoad(files: readonly string[], json: boolean): Promise<void> {
  for (const file of files) await checkReadable(file);
  const outcomes = await withStore(async (store) => {
    const loaded: LoadOutcome[] = [];
    for (const file of files) loaded.push(await loadOne(store, file, json));
    return loaded;
  });
  if (json) printJson(outcomes);
}

async function checkReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new IsthmusError('PACKAGE_INVALID', { place: file, rule: 'a file that can be read', cause: error });
  }
}

async function loadOne(
  { database, audit, actor }: CommandStore,
  file: string,
  json: boolean,
): Promise<LoadOutcome> {
  const outcome = await loadPackage(database, {
    source: packageFile(file),
    onProgress(files) {
      if (!json) printLine(`${files} files read`);
    },
    alongside(transaction, { name, version }) {
      const target = `${name} ${version}`;
      return audit.recordIn(transaction, { action: 'package.load', actor, target, outcome: 'success' });
    },
  }).catch((error: unknown) => {
    throw inFile(error, file);
  });
  if (!json) tell(outcome);
  return outcome;
}

/** Of several files it must be said which one is refused. */
function inFile(error: unknown, file: string): unknown {
  if (!(error instanceof IsthmusError) || error.code !== 'PACKAGE_INVALID') return error;
  const { rule, cause } = error;
  const place = `${file}: ${error.place}`;
  return new IsthmusError('PACKAGE_INVALID', { place, cause, ...(rule === undefined ? {} : { rule }) });
}

const told = {
  loaded: 'was loaded',
  replaced: 'was there with another content, and was replaced',
  unchanged: 'was there already',
} as const;

function tell({ kind, name, version, counts, withoutSnapshot, missing }: LoadOutcome): void {
  printLine(`${name} ${version} ${told[kind]}: ${countsText(counts)}`);
  for (const url of withoutSnapshot)
    printLine(`  has no snapshot, so nothing is validated against it: ${url}`);
  for (const dependency of missing) printLine(`  builds on ${dependency}, which is not loaded`);
}

const countsText = (counts: Readonly<Partial<Record<string, number>>>): string =>
  Object.entries(counts)
    .map(([type, count]) => `${count} ${type}`)
    .join(', ');

export async function runPackageList(json: boolean): Promise<void> {
  const packages = await withStore(({ database }) => listPackages(database));
  if (json) return printJson(packages);
  if (packages.length === 0) return printLine('no packages are loaded');
  printTable(
    ['name', 'version', 'loaded', 'defines'],
    packages.map(({ name, version, loadedAt, counts }) => [
      name,
      version,
      printTime(loadedAt),
      countsText(counts),
    ]),
  );
}

export async function runPackageRemove(
  name: string,
  version: string | undefined,
  { reason, json }: RemovePackageOptions,
): Promise<void> {
  const target = version === undefined ? name : `${name} ${version}`;
  const removed = await withStore(({ database, audit, actor }) =>
    removePackage(database, {
      name,
      ...(version === undefined ? {} : { version }),
      alongside: (transaction) =>
        audit.recordIn(transaction, {
          ...{ action: 'package.remove', actor, target, outcome: 'success' as const },
          ...(reason === undefined ? {} : { reason }),
        }),
    }),
  );
  if (json) printJson({ name, removed });
  else for (const one of removed) printLine(`${name} ${one} was removed`);
}
