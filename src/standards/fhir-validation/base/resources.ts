import { isKnownResourceType } from '../../fhir/index.ts';
import { bundleIndex, environmentOf } from '../invariants/invariants.ts';
import { isObject, type JsonObject, listOf } from '../json.ts';
import type { Report } from '../report.ts';
import { checkObject } from './elements.ts';
import { bundledTypes, containedTypes } from './references.ts';
import { resourceChecks } from './resource-rules.ts';
import { rulesOf, type TypeRules } from './rules.ts';
import { checkInvariants, type ResourceScope, type Run } from './run.ts';

const NOTHING: ReadonlyMap<string, string> = new Map();

/** The base rules of R4 for a resource and all resources within it. */
export function checkBase(
  report: Report,
  resource: JsonObject,
  { invariants, profiles }: Pick<Run, 'invariants' | 'profiles'>,
): void {
  const run: Run = {
    report,
    invariants,
    ...(profiles ? { profiles } : {}),
    depth: 0,
    host: { type: '', path: '' },
    enter: (scope, inner, contained) => checkResource(run, scope, inner, contained),
  };
  checkResource(run, undefined, resource, false);
}

/** A resource at the top, in a Bundle, in Parameters, or contained in the resource of `outer`. */
function checkResource(
  run: Run,
  outer: ResourceScope | undefined,
  resource: JsonObject,
  contained: boolean,
): void {
  const rules = rulesFor(run, resource);
  if (!rules) return;
  const scope = contained && outer ? containedScope(outer, resource) : rootScope(outer, resource);
  if (outer === undefined) run.report.path.push(rules.name);
  const { host } = run;
  run.host = { type: rules.name, path: rules.name };
  checkObject(run, scope, resource, rules);
  run.host = host;
  if (contained) checkContained(run, scope, resource);
  else if (scope.contained.size > 0) checkMentions(run, scope, resource);
  resourceChecks.get(rules.name)?.(run, scope, resource);
  if (run.invariants) checkInvariants(run, scope, rules.invariants(), resource);
  run.profiles?.resource(scope, resource);
  if (outer === undefined) run.report.path.pop();
}

function rulesFor({ report }: Run, { resourceType }: JsonObject): TypeRules | undefined {
  if (typeof resourceType === 'string' && isKnownResourceType(resourceType)) return rulesOf(resourceType);
  report.error('structure', 'resourceType must be a resource type of R4');
  return undefined;
}

function rootScope(outer: ResourceScope | undefined, resource: JsonObject): ResourceScope {
  const bundle =
    resource.resourceType === 'Bundle'
      ? { resource, types: bundledTypes(resource), index: bundleIndex(resource) }
      : outer?.bundle;
  return {
    resource,
    root: resource,
    contained: resource.contained === undefined ? NOTHING : containedTypes(resource),
    mentioned: new Set(),
    elementIds: undefined,
    refersToContainer: false,
    ...(bundle ? { bundle } : {}),
    environment: environmentOf(resource, resource, bundle?.index),
  };
}

const containedScope = (outer: ResourceScope, resource: JsonObject): ResourceScope => ({
  ...outer,
  resource,
  elementIds: undefined,
  refersToContainer: false,
  environment: environmentOf(resource, outer.root, outer.bundle?.index),
});

/** R4 references.html#contained, dom-2, dom-4 and dom-5. */
function checkContained({ report }: Run, scope: ResourceScope, resource: JsonObject): void {
  if (resource.id === undefined) report.error('required', 'a contained resource must have an id', 'id');
  else if (scope.refersToContainer && typeof resource.id === 'string') scope.mentioned.add(resource.id);
  if (resource.contained !== undefined)
    report.error('invariant', 'dom-2: a contained resource must not contain others', 'contained');
  const meta = isObject(resource.meta) ? resource.meta : {};
  if (meta.versionId !== undefined || meta.lastUpdated !== undefined)
    report.error('invariant', 'dom-4: a contained resource has no version of its own', 'meta');
  if (meta.security !== undefined)
    report.error(
      'invariant',
      'dom-5: a contained resource has no security label of its own',
      'meta.security',
    );
}

/** dom-3. */
function checkMentions({ report }: Run, scope: ResourceScope, resource: JsonObject): void {
  for (const [index, contained] of listOf(resource.contained).entries())
    if (isObject(contained) && typeof contained.id === 'string' && !scope.mentioned.has(contained.id))
      report.error('invariant', 'dom-3: a contained resource must be referred to', `contained[${index}]`);
}
