import type { Json, StoredResource } from '../../../trust/access/index.ts';
import { FhirFailure, invalid, unmet } from '../failure.ts';
import { type Criteria, candidateOf, singleToken } from './criteria.ts';
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
  readonly #written = new Map<string, Written>();

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
    const written = this.#written.get(type) ?? new Written();
    written.add(id, resource);
    this.#written.set(type, written);
  }

  /** The one resource that the criteria find now; undefined for none. Throws PRECONDITION_FAILED when there are several. */
  find(criteria: Criteria, place: string): Found | undefined {
    const stored = (this.#stored.get(criteria.key) ?? []).filter(
      ({ type, id }) => !this.#replaced.has(keyOf(type, id)),
    );
    const written = this.#written.get(criteria.type)?.matching(criteria, place) ?? [];
    if (stored.length + written.length > 1) throw unmet(place, 'criteria that find one resource at most');
    const [resource] = stored;
    const [made] = written;
    if (made) return { kind: 'written', id: made.id };
    return resource && { kind: 'stored', resource };
  }
}

/** What is written of one type. Values are only looked for when criteria ask for them. */
class Written {
  readonly #resources: { readonly id: string; readonly resource: Json }[] = [];
  readonly #candidates: Candidate[] = [];
  /** By parameter and code, because nearly all criteria are a token. */
  readonly #byToken = new Map<string, Candidate[]>();

  add(id: string, resource: Json): void {
    this.#resources.push({ id, resource });
  }

  /** Those for which the criteria hold. Throws INVALID_REQUEST when that can't be said outside the database. */
  matching({ where }: Criteria, place: string): Candidate[] {
    for (const { id, resource } of this.#resources.slice(this.#candidates.length))
      this.#index(candidateOf(resource, id));
    const token = singleToken(where);
    const candidates = token
      ? new Set(token.anyOf.flatMap(({ code = '' }) => this.#byToken.get(tokenKey(token.param, code)) ?? []))
      : this.#candidates;
    return [...candidates].filter((one) => {
      const holds = matches(one, where);
      if (holds !== undefined) return holds;
      throw new FhirFailure('INVALID_REQUEST', {
        place,
        rule: 'criteria that can be held against the resources of the same transaction: tokens, dates, references, exact texts',
        issueType: 'not-supported',
      });
    });
  }

  #index(candidate: Candidate): void {
    this.#candidates.push(candidate);
    for (const { param, value } of candidate.values) {
      if (value.kind !== 'token' || value.code === undefined) continue;
      const key = tokenKey(param, value.code);
      const list = this.#byToken.get(key);
      if (list) list.push(candidate);
      else this.#byToken.set(key, [candidate]);
    }
  }
}

const tokenKey = (param: string, code: string): string => `${param}=${code.toLowerCase()}`;
