import { IsthmusError } from '../../../foundation/errors/index.ts';
import { Hl7Error } from '../../../standards/hl7v2/index.ts';

/** An error of the HL7 v2 library as one of the registry, with its own place and rule; others as they are. */
export function registered(thrown: unknown): unknown {
  if (!(thrown instanceof Hl7Error)) return thrown;
  return new IsthmusError(thrown.code, {
    cause: thrown,
    ...(thrown.location === undefined ? {} : { place: thrown.location }),
    ...(thrown.rule === undefined ? {} : { rule: thrown.rule }),
  });
}

/** An error of the registry keeps its code and gains the place in the configuration; anything else is STEP_FAILED, its text private. */
export function parkError(thrown: unknown, place: string): IsthmusError {
  const error = registered(thrown);
  if (!(error instanceof IsthmusError)) return new IsthmusError('STEP_FAILED', { place, cause: thrown });
  const where = error.place === undefined ? place : `${place} ${error.place}`;
  return new IsthmusError(error.code, {
    place: where,
    cause: thrown,
    ...(error.rule === undefined ? {} : { rule: error.rule }),
  });
}
