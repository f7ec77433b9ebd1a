import type { Database } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { MapRow } from '../../../standards/terminology/index.ts';
import { statements } from '../sql.ts';
import { RowBuffer } from './buffer.ts';
import { type Damaged, DuplicateCodes } from './failures.ts';
import type {
  CodeSystemHeader,
  ConceptKey,
  Finding,
  LoadedConcept,
  LoadedProperty,
  Place,
  Rows,
  Target,
} from './types.ts';

const NO_USES: NonNullable<CodeSystemHeader['uses']> = [];

/** Rows of one transaction. */
const BATCH = 5_000;
/** After so many errors nobody reads on. */
const MAX_ERRORS = 20;
const MAX_WARNINGS = 100;
/** Codes, systems and names are indexed, and an index takes no more. */
const MAX_CODE = 1_000;

export interface WriterOptions {
  readonly database: Database;
  readonly targets: readonly Target[];
  /** Of the targets, in their order. */
  readonly loads: readonly number[];
  /** So many rows are there already; they are passed over. */
  readonly position: number;
}

/**
 * Takes the rows of a load and writes them in batches, each with the position behind it in one transaction. While one batch is written the next is read; never more than these two
 * are held. After an error nothing more is written.
 */
export class Writer implements Rows {
  readonly findings: Finding[] = [];
  readonly counts: number[];
  #errors = 0;
  #warnings = 0;
  #buffer = new RowBuffer();
  /** Rows seen, also those passed over. */
  #seen = 0;
  #written: number;
  #writing: Promise<void> = Promise.resolve();
  readonly #ordinals: number[];
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#written = options.position;
    this.counts = options.targets.map(() => 0);
    this.#ordinals = options.targets.map(() => 0);
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  get isGivenUp(): boolean {
    return this.#errors >= MAX_ERRORS;
  }

  get rows(): number {
    return this.#seen;
  }

  concept(target: number, concept: LoadedConcept, place: Place): void {
    const { code, parents = [], properties = [] } = concept;
    if (!this.#isCode(code, place)) return;
    const of = this.#options.targets[target];
    const isCaseSensitive = of?.kind === 'code-system' && of.header.isCaseSensitive;
    const ordinal = this.#count(target);
    const folded = isCaseSensitive ? code : code.toLowerCase();
    if (this.#takes()) {
      const uses = (of?.kind === 'code-system' && of.header.uses) || NO_USES;
      this.#buffer.concept(concept, { load: this.#load(target), ordinal, folded, code, place }, uses);
    }
    for (const parent of parents) this.relation(target, { code, kind: 'parent', target: parent });
    for (const property of properties) this.property(target, code, property);
  }

  relation(target: number, relation: { code: string; kind: string; target: string }): void {
    if (this.#takes()) this.#buffer.relation(this.#load(target), relation);
  }

  property(target: number, code: string, property: LoadedProperty): void {
    const { name, type, value } = property;
    if (type === 'concept') this.relation(target, { code, kind: name, target: value });
    else if (this.#takes()) this.#buffer.property(this.#load(target), code, property);
  }

  map(target: number, row: MapRow): void {
    const of = this.#options.targets[target];
    const ordinal = this.#count(target);
    const targetSystem = of?.kind === 'concept-map' ? (of.header.targetScope ?? '') : '';
    if (this.#takes()) this.#buffer.map(row, { load: this.#load(target), ordinal, targetSystem });
  }

  error({ file, line }: Place, rule: string): void {
    this.#errors += 1;
    if (this.#errors <= MAX_ERRORS)
      this.findings.push({ severity: 'error', file, ...(line === undefined ? {} : { line }), rule });
  }

  warn({ file, line }: Place, rule: string): void {
    this.#warnings += 1;
    if (this.#warnings <= MAX_WARNINGS)
      this.findings.push({ severity: 'warning', file, ...(line === undefined ? {} : { line }), rule });
  }

  /** Waits for the batch before, then has this one written if there is enough of it. Throws what writing threw. */
  async flush({ isLast }: { readonly isLast: boolean }): Promise<void> {
    if (!isLast && this.#buffer.size < BATCH) return;
    await this.#writing;
    if (this.hasErrors) return;
    const [buffer, from, to] = [this.#buffer, this.#written, Math.max(this.#seen, this.#written)];
    this.#buffer = new RowBuffer();
    this.#written = to;
    if (buffer.size > 0) this.#writing = this.#write(buffer, from, to);
    // Whoever waits for it hears of it; until then nobody listens.
    this.#writing.catch(() => undefined);
    if (isLast) await this.#writing;
  }

  /** Nothing is being written any more, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#writing]);
  }

  async #write(buffer: RowBuffer, from: number, to: number): Promise<void> {
    const { database, loads } = this.#options;
    try {
      await database.transaction(async (transaction) => {
        // First, so that of two that load the same files one waits here and hears that it is not alone.
        const rows = await transaction.query(statements.advance, [loads, from, to]);
        if (rows.length !== loads.length)
          throw new IsthmusError('CONFLICT', { rule: 'another process loads the same files' });
        await buffer.write(transaction);
      });
    } catch (error) {
      if (!(error instanceof DuplicateCodes)) throw error;
      await this.#tellDuplicate(error.keys);
    }
  }

  async #tellDuplicate(keys: readonly ConceptKey[]): Promise<void> {
    const { database } = this.#options;
    const rows = await database.query<{ load_id: number; folded: string }>(statements.known, [
      keys.map(({ load }) => load),
      keys.map(({ folded }) => folded),
    ]);
    const seen = new Set(rows.map((row) => `${row.load_id} ${row.folded}`));
    for (const { load, folded, code, place } of keys) {
      const key = `${load} ${folded}`;
      if (seen.has(key)) this.error(place, `each code once: ${code} was there before`);
      seen.add(key);
    }
    if (!this.hasErrors) throw new IsthmusError('CONFLICT', { rule: 'another process loads the same files' });
  }

  #load(target: number): number {
    const load = this.#options.loads[target];
    if (load === undefined) throw new IsthmusError('INTERNAL', { rule: 'a format names its own targets' });
    return load;
  }

  #count(target: number): number {
    const ordinal = this.#ordinals[target] ?? 0;
    this.#ordinals[target] = ordinal + 1;
    this.counts[target] = ordinal + 1;
    return ordinal;
  }

  #takes(): boolean {
    this.#seen += 1;
    return this.#seen > this.#options.position && !this.hasErrors;
  }

  #isCode(code: string, place: Place): boolean {
    const isCode = code !== '' && code.length <= MAX_CODE && !code.startsWith(' ') && !code.endsWith(' ');
    if (!isCode) this.error(place, `a code of 1 to ${MAX_CODE} characters, without spaces around it`);
    return isCode;
  }
}

export const placeOf = ({ file, line }: Damaged): Place => ({
  file,
  ...(line === undefined ? {} : { line }),
});
