import { IsthmusError } from '../../../foundation/errors/index.ts';

/**
 * The system of a Patient that is published from what several sources say, of a retired number, or of a possible duplicate (migration 0022). What
 * each source says of it is then kept apart, in source_demographics.
 */
export const PUBLISHER = 'urn:isthmus:identity';

/** Whether a row of `resource` is published so. */
export const isPublished = (row: { readonly type: string; readonly source_system: string }): boolean =>
  row.type === 'Patient' && row.source_system === PUBLISHER;

/** Nobody else may speak under this name: what it says is taken for derived. */
export function demandOtherSystem(system: string): void {
  if (system === PUBLISHER)
    throw new IsthmusError('INVALID_REQUEST', { place: 'system', rule: `${PUBLISHER} is the server's own` });
}
