import type { JsonObject } from '../json.ts';
import { checkBundle } from './bundles.ts';
import type { ResourceScope, Run } from './run.ts';

type ResourceCheck = (run: Run, scope: ResourceScope, resource: JsonObject) => void;

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Rules of a resource type that its structure and invariants don't tell. */
export const resourceChecks: ReadonlyMap<string, ResourceCheck> = new Map<string, ResourceCheck>([
  ['Bundle', (run, { bundle }, resource) => checkBundle(run, resource, bundle?.types ?? NOTHING)],
  ['CodeSystem', checkCodeSystem],
]);

/** R4 codesystem-definitions.html#CodeSystem.content and #CodeSystem.supplements. */
function checkCodeSystem({ report }: Run, _: ResourceScope, resource: JsonObject): void {
  const { content, concept, supplements } = resource;
  if (content === 'not-present' && concept !== undefined)
    report.error('invalid', 'a code system without content has no concepts', 'concept');
  if (supplements !== undefined && content !== 'supplement')
    report.error('invalid', 'the content of a supplement is `supplement`', 'content');
}
