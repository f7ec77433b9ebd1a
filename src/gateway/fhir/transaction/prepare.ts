import { setImmediate as nextTurn } from 'node:timers/promises';
import { isResourceId } from '../../../standards/fhir/index.ts';
import { type Json, newResourceId, type StoredIssue } from '../../../trust/access/index.ts';
import { FhirFailure, invalid } from '../failure.ts';
import { ifMatchIn, type Match } from '../write/conditions.ts';
import { refuseSubset } from '../write/prepare.ts';
import { type Criteria, parseCriteria } from './criteria.ts';
import { type Entry, entryOf, rawEntries, type Target, targetOf } from './entries.ts';
import { type Linked, link, type NamedEntry } from './link.ts';
import { type Patch, patchOf } from './patch-entry.ts';
import type { TransactionDeps } from './types.ts';

/** What an entry writes. `id` is the one assigned, which criteria may still replace by that of what they find. */
type Action =
  | { readonly kind: 'create'; readonly resource: Json }
  /** `createOnly`: If-None-Match: *. */
  | {
      readonly kind: 'update';
      readonly resource: Json;
      readonly bodyId?: string;
      readonly createOnly?: true;
    }
  | { readonly kind: 'patch'; readonly patch: Patch }
  | { readonly kind: 'delete' };

export interface PreparedWrite {
  readonly entry: Entry;
  readonly action: Action;
  readonly type: string;
  readonly id: string;
  readonly criteria?: Criteria;
  readonly match: Match;
  readonly issues: readonly StoredIssue[];
}

/** A transaction as far as it can be made ready without the record: read, named, linked and validated. */
export interface PreparedTransaction {
  readonly size: number;
  /** In the order in which they take place: deletions, creations, then updates and patches (R4 http.html#trules). */
  readonly writes: readonly PreparedWrite[];
  readonly reads: readonly Entry[];
  readonly links: Linked;
}

const RANK = { delete: 0, create: 1, update: 2, patch: 2 } as const;

/**
 * Makes a transaction ready. The resources of the bundle are taken over and changed: ids are assigned and references to other entries
 * rewritten. Throws a failure that names `Bundle.entry[i]…`.
 */
export function prepareTransaction(bundle: Json, deps: TransactionDeps): Promise<PreparedTransaction> {
  const entries = rawEntries(bundle).map((raw, index) => entryOf(raw, index, deps.base));
  return prepareEntries(entries, deps);
}

export async function prepareEntries(
  entries: readonly Entry[],
  deps: TransactionDeps,
): Promise<PreparedTransaction> {
  const reads = entries.filter(({ request }) => request.method === 'GET' || request.method === 'HEAD');
  const drafts = entries
    .filter((entry) => !reads.includes(entry))
    .map((entry) => draftOf(entry, deps))
    .sort((one, other) => RANK[one.action.kind] - RANK[other.action.kind]);
  const links = link(drafts.map(namedEntry));
  return { size: entries.length, writes: await check(drafts, deps), reads, links };
}

type Draft = Omit<PreparedWrite, 'issues'>;

function draftOf(entry: Entry, { now }: TransactionDeps): Draft {
  const { request, place } = entry;
  const target = targetOf(entry);
  const action = actionOf(entry, target);
  const conditions = {
    match: matchOf(request.ifMatch, place),
    ...criteriaOf(entry, target, now()),
  };
  const id = target.kind === 'instance' ? target.id : (bodyIdOf(action) ?? newResourceId(now()));
  if (action.kind !== 'create' && action.kind !== 'update')
    return { entry, action, type: target.type, id, ...conditions };
  return {
    entry,
    action: { ...action, resource: { ...action.resource, id } },
    type: target.type,
    id,
    ...conditions,
  };
}

const bodyIdOf = (action: Action): string | undefined =>
  action.kind === 'update' ? action.bodyId : undefined;

function actionOf(entry: Entry, target: Target): Action {
  const { request, place } = entry;
  switch (request.method) {
    case 'DELETE':
      return { kind: 'delete' };
    case 'PATCH':
      return { kind: 'patch', patch: patchOf(request.resource, `${place}.resource`) };
    case 'POST':
      return { kind: 'create', resource: resourceOf(entry, target) };
    default:
      return updateOf(entry, target);
  }
}

function updateOf(entry: Entry, target: Target): Action {
  const { request, place } = entry;
  const resource = resourceOf(entry, target);
  refuseSubset(resource, `${place}.resource.meta.tag`);
  if (target.kind === 'instance' && resource.id !== target.id)
    throw invalid(`${place}.resource.id`, 'the id of the address');
  if (resource.id !== undefined && (typeof resource.id !== 'string' || !isResourceId(resource.id)))
    throw invalid(`${place}.resource.id`, 'an id has 1 to 64 letters, digits, - and .');
  if (request.ifNoneMatch !== undefined && request.ifNoneMatch !== '*')
    throw invalid(`${place}.request.ifNoneMatch`, 'a PUT takes * only');
  return {
    kind: 'update',
    resource,
    ...(resource.id === undefined ? {} : { bodyId: resource.id }),
    ...(request.ifNoneMatch === '*' ? { createOnly: true } : {}),
  };
}

function resourceOf({ request, place }: Entry, target: Target): Json {
  const { resource } = request;
  if (!resource) throw invalid(`${place}.resource`, `a ${request.method} carries a resource`);
  if (resource.resourceType !== target.type)
    throw invalid(`${place}.resource.resourceType`, 'the type of the address');
  return resource;
}

function criteriaOf({ request, place }: Entry, target: Target, now: Date): { criteria?: Criteria } {
  if (request.method === 'POST') {
    if (request.ifNoneExist === undefined) return {};
    const at = `${place}.request.ifNoneExist`;
    return {
      criteria: parseCriteria(target.type, request.ifNoneExist.replace(/^[A-Za-z]*\?/, ''), {
        place: at,
        now,
      }),
    };
  }
  if (request.ifNoneExist !== undefined) throw invalid(`${place}.request.ifNoneExist`, 'a POST only');
  if (target.kind !== 'criteria') return {};
  return { criteria: parseCriteria(target.type, target.criteria, { place: `${place}.request.url`, now }) };
}

/** ifMatch as the header If-Match is understood. */
const matchOf = (tag: string | undefined, place: string): Match => ifMatchIn(tag, `${place}.request.ifMatch`);

const namedEntry = ({ entry, action, type, id, criteria }: Draft): NamedEntry => ({
  entry,
  name: `${type}/${id}`,
  isLate: criteria !== undefined,
  ...('resource' in action ? { resource: action.resource } : {}),
});

/** So many are validated at a time; then others get their turn. */
const AT_A_TIME = 40;

/** What is wrong with any of them refuses all. */
async function check(drafts: readonly Draft[], deps: TransactionDeps): Promise<PreparedWrite[]> {
  const wrong: StoredIssue[] = [];
  const writes: PreparedWrite[] = [];
  for (const draft of drafts) {
    const { action, entry } = draft;
    const issues = 'resource' in action ? deps.validate(action.resource, entry.index) : [];
    wrong.push(...placed(issues, entry.place));
    writes.push({ ...draft, issues });
    if (writes.length % AT_A_TIME === 0) await nextTurn();
  }
  if (!deps.keepInvalid) refuseErrors(wrong);
  return writes;
}

const ISSUES_TOLD = 100;

/** Throws INVALID_RESOURCE with what is wrong, when something is: errors first. */
export function refuseErrors(issues: readonly StoredIssue[]): void {
  const errors = issues.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return;
  throw new FhirFailure('INVALID_RESOURCE', {
    place: first.expression,
    rule: first.rule,
    issues: errors.slice(0, ISSUES_TOLD),
  });
}

/** `Observation.status` of an entry is `Bundle.entry[3].resource.status`. */
export const placed = (issues: readonly StoredIssue[], place: string): StoredIssue[] =>
  issues.map((issue) => ({
    ...issue,
    expression: `${place}.resource${issue.expression.replace(/^[A-Z][A-Za-z]*(?=\.|$)/, '')}`,
  }));
