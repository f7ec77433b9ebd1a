import { IsthmusError } from '../../foundation/errors/index.ts';

/** Packages are published documents: the names of their files and resources are no secrets. */
export const invalidPackage = (place: string, rule: string, cause?: unknown): IsthmusError =>
  new IsthmusError('PACKAGE_INVALID', { place, rule, ...(cause === undefined ? {} : { cause }) });
