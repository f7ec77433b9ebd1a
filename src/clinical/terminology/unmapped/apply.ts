import type { AuditBatches } from '../../../foundation/audit/index.ts';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import { classifyFailure, type Database, type Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { parseExact } from '../../../standards/fhir/index.ts';
import { type Json, resourcesFrom, reviseResources } from '../../record/index.ts';
import { createFinder, type FinderOf, type Loaded } from '../translate/finder.ts';
import { type CompiledRules, compileRules, type TranslationRules } from '../translate/rules.ts';
import { type Subject, seenIn, type Translating, translated } from '../translate/translate-all.ts';
import { type Content, walkResource } from '../translate/walk.ts';
import * as statements from './sql.ts';

export interface ApplyTools {
  readonly database: Database;
  readonly loaded: Loaded;
  readonly audit: Pick<AuditBatches, 'recordAllIn'>;
  readonly keyring?: Keyring;
}

export interface ApplyRequest {
  readonly translation: string;
  /** Only codes of this system, or only this code. */
  readonly system?: string;
  readonly code?: string;
  /** Says what would change, and changes nothing. */
  readonly isPreview: boolean;
  /** Who does it, and why. */
  readonly actor: string;
  readonly reason?: string;
  /** Ends it between two batches; what was done stays done. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ApplyProgress) => void;
}

export interface ApplyProgress {
  /** Resources that were looked at. */
  readonly read: number;
  /** Resources that changed, or would. */
  readonly changed: number;
}

export interface Applied extends ApplyProgress {
  readonly byType: readonly {
    readonly type: string;
    readonly changed: number;
    /** Ids of the first of them. */
    readonly examples: readonly string[];
  }[];
  /** It was ended before it was through. */
  readonly isPartial: boolean;
}

/** Resources of one transaction: short enough that no message waits long for one of them. */
const BATCH = 100;
const EXAMPLES = 5;

/** Codes that came untranslated, in resources of one type that one system sent. */
interface Portion {
  readonly type: string;
  readonly sender: string;
  readonly rules: CompiledRules;
  readonly codes: ReadonlySet<string>;
}

/**
 * Translates what already came in, by the maps as they are now: what came untranslated when it came gets its translation beside it, and loses one
 * that was taken back, as its next version (record R29). In batches, each a transaction; broken off, it is run again and finds the rest.
 */
export async function applyTranslation(tools: ApplyTools, request: ApplyRequest): Promise<Applied> {
  const { signal, onProgress } = request;
  const portions = await portionsOf(tools.database, request);
  const openFinder = createFinder(tools.loaded);
  const tally = new Tally();
  for (const portion of portions) {
    for (let after: number | undefined = 0; after !== undefined && !signal?.aborted; ) {
      const from: number = after;
      const done: PageDone = await retried(tools.database, async (transaction) =>
        applyPage(
          transaction,
          { ...tools, ...request, portion, finderOf: await openFinder(transaction) },
          from,
        ),
      );
      tally.add(portion.type, done);
      onProgress?.({ read: tally.read, changed: tally.changed });
      after = done.next;
    }
  }
  const { read, changed, byType } = tally;
  return { read, changed, byType, isPartial: signal?.aborted === true };
}

const ATTEMPTS = 5;

/** A batch that PostgreSQL ended because it met another writer is tried again. */
async function retried<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (classifyFailure(error) !== 'conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}

interface UntranslatedRow {
  readonly system: string;
  readonly code: string;
  readonly element: string;
  readonly source: string;
  readonly rules: string;
}

async function portionsOf(
  database: Database,
  { translation, system, code }: ApplyRequest,
): Promise<readonly Portion[]> {
  const rows = await database.query<UntranslatedRow>(statements.cameUntranslated, [
    translation,
    system ?? null,
    code ?? null,
  ]);
  if (rows.length === 0)
    throw new IsthmusError('UNMAPPED_UNKNOWN', { place: translation, rule: 'a code that came untranslated' });
  const portions = new Map<string, Portion & { readonly codes: Set<string> }>();
  for (const row of rows) {
    const [type = ''] = row.element.split('.');
    const key = `${row.source}\n${type}`;
    const rules: TranslationRules = {
      ...(JSON.parse(row.rules) as Omit<TranslationRules, 'name'>),
      name: translation,
    };
    const portion = portions.get(key) ?? {
      ...{ type, sender: row.source, rules: compileRules(rules) },
      codes: new Set<string>(),
    };
    portion.codes.add(nameOf(row));
    portions.set(key, portion);
  }
  return [...portions.values()];
}

const nameOf = ({ system, code }: { readonly system: string; readonly code: string }): string =>
  `${system}\n${code}`;

interface PageWork extends ApplyTools, ApplyRequest {
  readonly portion: Portion;
  readonly finderOf: FinderOf;
}

interface PageDone {
  readonly read: number;
  readonly ids: readonly string[];
  readonly next: number | undefined;
}

async function applyPage(transaction: Transaction, work: PageWork, after: number): Promise<PageDone> {
  const { portion, finderOf, isPreview, keyring } = work;
  const { type, sender, rules, codes } = portion;
  const page = await resourcesFrom(transaction, { type, system: sender, after, limit: BATCH }, keyring);
  const shown = page.resources.map(({ json }) => parseExact(json) as Json);
  const seen = seenIn(
    shown.map((resource) => subjectOf(resource, sender)),
    rules,
  );
  const found = await finderOf(rules)(seen.lookups);
  const translating: Translating = {
    ...{ rules, found },
    // What was written since the page was read may hold what was not looked for.
    chosen: (lookups) =>
      lookups.some((lookup) => codes.has(nameOf(lookup))) && lookups.every(({ key }) => found.has(key)),
  };
  const revise = (resource: Json): Json =>
    translated(subjectOf(resource, sender), translating).result as Json;
  const ids = shown.flatMap((resource) => (revise(resource) === resource ? [] : [String(resource.id)]));
  const done = { read: shown.length, next: page.next };
  if (isPreview || ids.length === 0) return { ...done, ids };
  return { ...done, ids: await reviseAll(transaction, { ...work, ids, revise }) };
}

/** Ids of what changed. */
async function reviseAll(
  transaction: Transaction,
  work: PageWork & { readonly ids: readonly string[]; readonly revise: (resource: Json) => Json },
): Promise<readonly string[]> {
  const { portion, ids, revise, keyring, audit, actor, reason } = work;
  const { type } = portion;
  const changes = await reviseResources(
    transaction,
    ids.map((id) => ({ type, id })),
    { revise, ...(keyring ? { keyring } : {}) },
  );
  await audit.recordAllIn(
    transaction,
    changes.map(({ id }) => ({
      ...{ action: 'terminology.apply', actor, target: `${type}/${id}`, outcome: 'success' as const },
      ...(reason === undefined ? {} : { reason }),
    })),
  );
  return changes.map(({ id }) => id);
}

const subjectOf = (resource: Json, sender: string): Subject<Content> => ({
  sender,
  walk: (visit) => walkResource(resource, visit),
});

/** What was done so far. */
class Tally {
  read = 0;
  changed = 0;
  readonly #byType = new Map<string, { changed: number; readonly examples: string[] }>();

  add(type: string, { read, ids }: PageDone): void {
    this.read += read;
    this.changed += ids.length;
    if (ids.length === 0) return;
    const one = this.#byType.get(type) ?? { changed: 0, examples: [] };
    one.changed += ids.length;
    one.examples.push(...ids.slice(0, EXAMPLES - one.examples.length));
    this.#byType.set(type, one);
  }

  get byType(): Applied['byType'] {
    return [...this.#byType].map(([type, one]) => ({ type, ...one }));
  }
}
