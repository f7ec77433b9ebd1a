import { basename } from 'node:path';
import { invalidTerminology } from '../load/failures.ts';
import type { FormatOptions, InputFile, Meter, Reading } from '../load/types.ts';

export interface Given {
  readonly files: readonly InputFile[];
  readonly options: FormatOptions;
  readonly meter: Meter;
}

/** One kind of files that is loaded. */
export interface Format {
  /** As the command line has it. */
  readonly name: string;
  /** For people: what it is and which files are wanted. */
  readonly text: string;
  /** Rises when the same files give other rows than before. */
  readonly revision: number;
  /** Finds its files. Throws TERMINOLOGY_INVALID when one is missing, Damaged when one is not what its name says. */
  open(given: Given): Promise<Reading>;
}

export const baseOf = ({ name }: InputFile): string => basename(name);

/** Those whose names fit, without folders. */
export const filesLike = ({ files }: Given, pattern: RegExp): readonly InputFile[] =>
  files.filter((file) => pattern.test(baseOf(file)));

/** The only file that fits; undefined when there is none. Throws TERMINOLOGY_INVALID when there are several: nobody can know which is meant. */
export function fileLike(given: Given, pattern: RegExp, what: string): InputFile | undefined {
  const [first, second] = filesLike(given, pattern);
  if (first && second) throw invalidTerminology(second.name, `${what} once; ${first.name} is one, too`);
  return first;
}

/** The same, and it has to be there. */
export function theFile(given: Given, pattern: RegExp, what: string): InputFile {
  const file = fileLike(given, pattern, what);
  if (!file) throw invalidTerminology(given.files[0]?.name ?? 'the files', `${what} is among them`);
  return file;
}

/** What the option says, else what the files say. Throws TERMINOLOGY_INVALID when neither does. */
export function versionOf({ options, files }: Given, found: string | undefined): string {
  const version = options.version ?? found;
  if (version === undefined)
    throw invalidTerminology(
      files[0]?.name ?? 'the files',
      'the files do not say their version: name it with --release',
    );
  if (!/^[^\s|]{1,200}$/.test(version))
    throw invalidTerminology('the version', 'a text without blanks and |');
  return version;
}

/** The same files without those of a folder that repeats a part of them, if there are others. */
export function withoutFolder(given: Given, folder: RegExp): Given {
  const files = given.files.filter(({ name }) => !folder.test(name));
  return files.length === 0 ? given : { ...given, files };
}
