import type { Profiles } from '../../clinical/packages/index.ts';
import type { Validate } from '../../clinical/record/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';

/**
 * Validates what messages write: against R4, what a resource claims, and those of the profiles a channel demands (`record({ profiles })`)
 * that are of its type. One whose package is not loaded can't be held against anything, which is said once and again after it was there.
 */
export function validateDemanded({ validator }: Pick<Profiles, 'validator'>, logger: Logger): Validate {
  const missing = new Set<string>();
  const isOf = (type: string, profile: string): boolean => {
    const profiled = validator.profiledType(profile);
    if (profiled !== undefined) missing.delete(profile);
    else if (!missing.has(profile)) {
      missing.add(profile);
      logger.error(
        { profile },
        'a profile that a channel demands is not loaded, so nothing is checked against it: isthmus package load',
      );
    }
    return profiled === type;
  };
  return (resource, demanded) =>
    validator.validate(resource, {
      profiles: demanded.filter((profile) => isOf(resource.resourceType, profile)),
    });
}
