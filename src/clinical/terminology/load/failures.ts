import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { ConceptKey } from './types.ts';

/** Names of files and of published formats are no secrets. */
export const invalidTerminology = (place: string, rule: string, cause?: unknown): IsthmusError =>
  new IsthmusError('TERMINOLOGY_INVALID', { place, rule, ...(cause === undefined ? {} : { cause }) });

/** A file whose content ends the reading: told with its line like any other finding. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
  readonly file: string;
  readonly line: number | undefined;
  readonly rule: string;

  constructor(file: string, line: number | undefined, rule: string) {
    super(rule);
    this.file = file;
    this.line = line;
    this.rule = rule;
  }
}

/** Of these concepts at least one is there twice. */
export class DuplicateCodes extends Error {
  override readonly name = 'DuplicateCodes';
  readonly keys: readonly ConceptKey[];

  constructor(keys: readonly ConceptKey[], cause: unknown) {
    super('codes are there twice', { cause });
    this.keys = keys;
  }
}
