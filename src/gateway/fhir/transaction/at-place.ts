import type { IsthmusError } from '../../../foundation/errors/index.ts';
import { FhirFailure } from '../failure.ts';

/** An error of an interaction, told of the entry that it was for. */
export function atPlace(error: IsthmusError, place: string): FhirFailure {
  const issues = error instanceof FhirFailure ? error.issues : [];
  return new FhirFailure(error.code, {
    place: error.place === undefined ? place : `${place}: ${error.place}`,
    ...(error.rule === undefined ? {} : { rule: error.rule }),
    issues: issues.map((issue) => ({ ...issue, expression: `${place}: ${issue.expression}` })),
    cause: error,
  });
}
