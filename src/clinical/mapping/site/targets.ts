import { tables } from '../registry.ts';
import type { SiteLine, SiteMapping, SiteTable } from './authoring.ts';

export interface Target extends SiteTable {
  /** Where it stands in what was written for the segment. */
  readonly at: readonly number[];
}

/** The tables that were written for a segment. Without `onto`, the resource is the one we make of it first; undefined when there is none. */
export function tableTargets(segment: string, lines: SiteMapping['segments'][string]): Target[] | undefined {
  const named = lines.flatMap((one, index) => ('rows' in one ? [{ ...one, at: [index] }] : []));
  if (named.length > 0) return named;
  const rows = lines.filter((one): one is SiteLine => !('rows' in one));
  const resource = tables.find((one) => one.segment === segment && one.part === undefined)?.resource;
  return resource === undefined ? undefined : [{ resource, rows, at: [] }];
}

/** Is there a table of ours that makes this resource of this segment? One that makes a part of it is not taken apart. */
export const isOurs = ({ segment, resource }: { segment: string; resource: string }): boolean =>
  tables.some((one) => one.segment === segment && one.resource === resource && one.part === undefined);
