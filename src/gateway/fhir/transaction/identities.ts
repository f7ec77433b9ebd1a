import type { Json, StoredResource } from '../../../trust/access/index.ts';
import { FhirFailure, invalid, unmet } from '../failure.ts';
import { type Criteria, candidateOf } from './criteria.ts';
import { type Candidate, matches } from './match.ts';

/** What criteria found: a resource of the record, or one that this transaction writes. */
export type Found =
  | { readonly kind: 'stored'; readonly resource: StoredResource }
  | { readonly kind: 'written'; readonly id: string };

const keyOf = (type: string, id: string): string => `${type}/${id}`;

/**
 * What the criteria of a transaction see, step by step: the record without what was deleted, and what was written so far in place of what
 * stood there. Also who was touched already, because no two entries may be about the same resource (R4 http.html#trules).
 */
export class Identities {
  readonly #stored: ReadonlyMap<string, readonly StoredResource[]>;
  readonly #touched = new Map<string, string>();
  readonly #replaced = new Set<string>();
  readonly #written = new Map<string, { readonly id: string; readonly resource: Json }[]>();
  readonly #candidates = new WeakMap<Json, Candidate>();

  /** By the keys of criteria: what the record has. */
  constructor(stored: ReadonlyMap<string, readonly StoredResource[]>) {
    this.#stored = stored;
  }

  /** Throws INVALID_REQUEST when another entry is about the same resource. */
  touch(type: string, id: string, place: string): void {
    const key = keyOf(type, id);
    const other = this.#touched.get(key);
    if (other !== undefined) throw invalid(place, `another resource than that of ${other}`);
    this.#touched.set(key, place);
  }

  remove(type: string, id: string): void {
    this.#replaced.add(keyOf(type, id));
  }

  write(type: string, id: string, resource: Json): void {
    this.#replaced.add(keyOf(type, id));
    const list = this.#written.get(type) ?? [];
    list.push({ id, resource });
    this.#written.set(type, list);
  }

  /** The one resource that the criteria find now; undefined for none. Throws PRECONDITION_FAILED when there are several. */
  find(criteria: Criteria, place: string): Found | undefined {
    const stored = (this.#stored.get(criteria.key) ?? []).filter(
      ({ type, id }) => !this.#replaced.has(keyOf(type, id)),
    );
    const written = (this.#written.get(criteria.type) ?? []).filter((one) =>
      this.#holds(one, criteria, place),
    );
    if (stored.length + written.length > 1) throw unmet(place, 'criteria that find one resource at most');
    const [resource] = stored;
    const [made] = written;
    if (made) return { kind: 'written', id: made.id };
    return resource && { kind: 'stored', resource };
  }

  #holds({ id, resource }: { id: string; resource: Json }, { where }: Criteria, place: string): boolean {
    const candidate = this.#candidates.get(resource) ?? candidateOf(resource, id);
    this.#candidates.set(resource, candidate);
    const holds = matches(candidate, where);
    if (holds !== undefined) return holds;
    throw new FhirFailure('INVALID_REQUEST', {
      place,
      rule: 'criteria that can be held against the resources of the same transaction: tokens, dates, references, exact texts',
      issueType: 'not-supported',
    });
  }
}
