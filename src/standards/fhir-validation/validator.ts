import { checkBase } from './base/resources.ts';
import type { ProfileHooks, ResourceScope } from './base/run.ts';
import { isObject, type JsonObject } from './json.ts';
import { checkProfile } from './profiles/check.ts';
import { checkByDefinition } from './profiles/extensions.ts';
import type { ProfileRun, Profiles } from './profiles/model.ts';
import { profilesOf } from './profiles/registry.ts';
import { Report } from './report.ts';
import type { ProfileSource, ValidatedResource, ValidateOptions, Validator } from './types.ts';

/**
 * A validator for R4 4.0.1, and for the profiles that `source` knows. Types and profiles are compiled when first met and then kept: when the source changes,
 * make a new validator.
 */
export function createValidator(source?: ProfileSource): Validator {
  const profiles = profilesOf(source);
  return {
    validate: (resource, options = {}) => {
      const report = new Report(options.unchecked);
      const invariants = options.invariants !== false;
      checkMode(report, resource, options);
      checkBase(report, resource, {
        invariants,
        profiles: profileHooks({
          report,
          profiles,
          invariants,
          demanded: { resource, by: options.profiles ?? [] },
        }),
      });
      return report.issues;
    },
    profiledType: (canonical) => profiles.typeOf(canonical),
  };
}

/** R4 resource-operation-validate.html: what is updated has an id; what is created may have one, which is ignored. */
function checkMode(report: Report, resource: ValidatedResource, { mode }: ValidateOptions): void {
  if (mode === 'update' && resource.id === undefined)
    report.error('required', 'an update needs the id of the resource', `${resource.resourceType}.id`);
}

interface Demands {
  readonly report: Report;
  readonly profiles: Profiles;
  readonly invariants: boolean;
  /** Profiles that the caller wants the outermost resource to meet. */
  readonly demanded: { readonly resource: JsonObject; readonly by: readonly string[] };
}

function profileHooks({ report, profiles, invariants, demanded }: Demands): ProfileHooks {
  const run = ({ environment }: ResourceScope): ProfileRun => ({
    report,
    profiles,
    invariants,
    environment,
    nesting: 0,
  });
  return {
    resource: (scope, resource) => {
      const claimed = claimedProfiles(resource);
      if (resource === demanded.resource)
        for (const canonical of demanded.by) checkDemanded(run(scope), canonical, resource);
      for (const canonical of claimed)
        if (resource !== demanded.resource || !demanded.by.includes(canonical))
          checkClaim(run(scope), canonical, resource);
    },
    extension: (scope, extension, host) => checkByDefinition(run(scope), extension, { scope, host }),
  };
}

function claimedProfiles({ meta }: JsonObject): Iterable<string> {
  if (!isObject(meta) || !Array.isArray(meta.profile)) return [];
  return new Set(meta.profile.filter((canonical): canonical is string => typeof canonical === 'string'));
}

/** A profile that the resource says it meets: an unknown one is a warning. */
const checkClaim = (run: ProfileRun, canonical: string, resource: JsonObject): void =>
  checkAgainst(run, canonical, { resource, unknown: 'warning' });

/** A profile that the caller asks for: an unknown one can't be found to be met. */
const checkDemanded = (run: ProfileRun, canonical: string, resource: JsonObject): void =>
  checkAgainst(run, canonical, { resource, unknown: 'error' });

function checkAgainst(
  run: ProfileRun,
  canonical: string,
  { resource, unknown }: { resource: JsonObject; unknown: 'warning' | 'error' },
): void {
  const profile = run.profiles.profile(canonical);
  if (profile === undefined)
    run.report.add(
      unknown,
      'not-found',
      'a profile is not known here, so it was not checked',
      'meta.profile',
    );
  else if (profile === 'no-snapshot')
    run.report.add(
      'warning',
      'not-supported',
      'a profile has no snapshot, so it was not checked',
      'meta.profile',
    );
  else if (profile.type !== resource.resourceType)
    run.report.error('invalid', `${profile.url}: is a profile of another type`, 'meta.profile');
  else checkProfile(run, profile, resource);
}
