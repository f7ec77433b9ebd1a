import {
  classifyFailure,
  copyField,
  copyRows,
  type Transaction,
} from '../../../foundation/database/index.ts';
import type { Designation, MapRow } from '../../../standards/terminology/index.ts';
import { statements } from '../sql.ts';
import { storedDesignations } from './designations.ts';
import { DuplicateCodes } from './failures.ts';
import type { ConceptKey, LoadedConcept, LoadedProperty } from './types.ts';
import { wordsOf } from './words.ts';

/** More words of one concept than these are not searched. */
const MAX_WORDS = 200;

/** Rows that are written together, each a line as COPY takes them. */
export class RowBuffer {
  size = 0;
  #concepts = '';
  #relations = '';
  #properties = '';
  #mapRows = '';
  readonly #keys: ConceptKey[] = [];

  concept(concept: LoadedConcept, key: ConceptKey, uses: readonly Designation['use'][]): void {
    const { code, display = null, definition = null, isActive = true, isAbstract = false } = concept;
    const { load, folded, ordinal } = key;
    const stored = storedDesignations(concept.designations, uses);
    const fields = [load, folded, code, ordinal, display, definition, isActive, isAbstract, stored];
    this.#concepts += `${line(fields)}\t${searched(concept)}\n`;
    this.#keys.push(key);
    this.size += 1;
  }

  relation(load: number, { code, kind, target }: { code: string; kind: string; target: string }): void {
    this.#relations += `${line([load, code, kind, target])}\n`;
    this.size += 1;
  }

  property(load: number, code: string, { name, type, value }: LoadedProperty): void {
    this.#properties += `${line([load, code, name, type, value])}\n`;
    this.size += 1;
  }

  map(
    { source, target, equivalence, ...details }: MapRow,
    { load, ordinal, targetSystem }: { load: number; ordinal: number; targetSystem: string },
  ): void {
    this.#mapRows += `${line([
      ...[load, ordinal, source.system, source.code, source.display ?? null],
      ...[target?.system ?? targetSystem, target?.code ?? null, target?.display ?? null, equivalence],
      isEmpty(details) ? null : JSON.stringify(details),
    ])}\n`;
    this.size += 1;
  }

  /** Writes all of it. Throws DuplicateCodes when a concept is there already; the transaction is then to be given up. */
  async write(transaction: Transaction): Promise<void> {
    await transaction.query(statements.deferWords);
    if (this.#concepts !== '') {
      try {
        await copyRows(transaction, statements.copyConcepts, this.#concepts);
      } catch (error) {
        if (classifyFailure(error) === 'conflict') throw new DuplicateCodes(this.#keys, error);
        throw error;
      }
    }
    if (this.#relations !== '') await copyRows(transaction, statements.copyRelations, this.#relations);
    if (this.#properties !== '') await copyRows(transaction, statements.copyProperties, this.#properties);
    if (this.#mapRows !== '') await copyRows(transaction, statements.copyMapRows, this.#mapRows);
  }
}

type Field = string | number | boolean | null;

function line(fields: readonly Field[]): string {
  let text = '';
  for (const field of fields) text += text === '' ? copyField(field) : `\t${copyField(field)}`;
  return text;
}

/** Words are letters and digits, so that parted by spaces they are a tsvector. */
function searched({ code, display = '', designations = [] }: LoadedConcept): string {
  let text = `${code} ${display}`;
  for (const { value } of designations) text += ` ${value}`;
  const words = wordsOf(text);
  return (words.length > MAX_WORDS ? words.slice(0, MAX_WORDS) : words).join(' ');
}

const isEmpty = (object: object): boolean => {
  for (const _ in object) return false;
  return true;
};
