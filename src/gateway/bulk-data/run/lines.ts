import { parseExact, project, stringifyExact } from '../../../standards/fhir/index.ts';
import type { StoredResource } from '../../../trust/access/index.ts';
import type { Remark, Wanted } from '../types.ts';

/** Resources of a type as lines of NDJSON, with the elements that are asked for. */
export function lineOf(wanted: Wanted, type: string): (resource: StoredResource) => string {
  const elements = wanted.elements
    ?.filter((one) => one.type === undefined || one.type === type)
    .map(({ element }) => element);
  if (!elements || elements.length === 0) return ({ json }) => oneLine(json);
  return ({ json }) => stringifyExact(project(parseExact(json) as { resourceType: string }, { elements }));
}

/** Contents are kept as they were written; a line break between elements is allowed there, not here. */
const oneLine = (json: string): string =>
  json.includes('\n') || json.includes('\r') ? stringifyExact(parseExact(json)) : json;

const DELETIONS_OF_BUNDLE = 500;

/** Transaction Bundles that delete (Bulk Data 2.0.0, "Response - Complete Status", `deleted`). */
export function deletionBundles(type: string, ids: readonly string[]): string[] {
  const bundles: string[] = [];
  for (let at = 0; at < ids.length; at += DELETIONS_OF_BUNDLE) {
    const entry = ids
      .slice(at, at + DELETIONS_OF_BUNDLE)
      .map((id) => ({ request: { method: 'DELETE', url: `${type}/${id}` } }));
    bundles.push(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
  }
  return bundles;
}

/** What was left out, as an OperationOutcome. */
export const remarkLine = ({ place, rule }: Remark): string =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'warning', code: 'not-supported', details: { text: rule }, expression: [place] }],
  });
