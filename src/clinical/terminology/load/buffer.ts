import type { Transaction } from '../../../foundation/database/index.ts';
import type { MapRow } from '../../../standards/terminology/index.ts';
import { type CountRow, statements } from '../sql.ts';
import { Damaged } from './failures.ts';
import type { LoadedConcept, LoadedProperty, Place } from './types.ts';
import { wordsOf } from './words.ts';

/** More words of one concept than these are not searched. */
const MAX_WORDS = 200;

type Column<T> = T[];
type Text = string | null;

/** Rows that are written together: a column each, as `unnest` takes them. */
export class RowBuffer {
  size = 0;
  readonly #concepts = {
    load: [] as Column<number>,
    folded: [] as Column<string>,
    code: [] as Column<string>,
    ordinal: [] as Column<number>,
    display: [] as Column<Text>,
    definition: [] as Column<Text>,
    active: [] as Column<boolean>,
    abstract: [] as Column<boolean>,
    designations: [] as Column<Text>,
    words: [] as Column<string>,
  };
  readonly #places: Place[] = [];
  readonly #relations = table4();
  readonly #properties = { ...table4(), type: [] as Column<string> };
  readonly #map = {
    load: [] as Column<number>,
    ordinal: [] as Column<number>,
    sourceSystem: [] as Column<string>,
    sourceCode: [] as Column<string>,
    sourceDisplay: [] as Column<Text>,
    targetSystem: [] as Column<string>,
    targetCode: [] as Column<Text>,
    targetDisplay: [] as Column<Text>,
    equivalence: [] as Column<string>,
    details: [] as Column<Text>,
  };

  concept(concept: LoadedConcept, at: { load: number; ordinal: number; folded: string; place: Place }): void {
    const { code, display, definition, designations } = concept;
    const to = this.#concepts;
    to.load.push(at.load);
    to.folded.push(at.folded);
    to.code.push(code);
    to.ordinal.push(at.ordinal);
    to.display.push(display ?? null);
    to.definition.push(definition ?? null);
    to.active.push(concept.isActive !== false);
    to.abstract.push(concept.isAbstract === true);
    to.designations.push(designations && designations.length > 0 ? JSON.stringify(designations) : null);
    to.words.push(searched(concept));
    this.#places.push(at.place);
    this.size += 1;
  }

  relation(load: number, { code, kind, target }: { code: string; kind: string; target: string }): void {
    add4(this.#relations, [load, code, kind, target]);
    this.size += 1;
  }

  property(load: number, code: string, { name, type, value }: LoadedProperty): void {
    add4(this.#properties, [load, code, name, value]);
    this.#properties.type.push(type);
    this.size += 1;
  }

  map(
    { source, target, equivalence, ...details }: MapRow,
    at: { load: number; ordinal: number; targetSystem: string },
  ): void {
    const to = this.#map;
    to.load.push(at.load);
    to.ordinal.push(at.ordinal);
    to.sourceSystem.push(source.system);
    to.sourceCode.push(source.code);
    to.sourceDisplay.push(source.display ?? null);
    to.targetSystem.push(target?.system ?? at.targetSystem);
    to.targetCode.push(target?.code ?? null);
    to.targetDisplay.push(target?.display ?? null);
    to.equivalence.push(equivalence);
    to.details.push(isEmpty(details) ? null : JSON.stringify(details));
    this.size += 1;
  }

  /** Writes all of it. Throws Damaged for a concept that is there already. */
  async write(transaction: Transaction): Promise<void> {
    const { code } = this.#concepts;
    if (code.length > 0) {
      const [row] = await transaction.query<CountRow>(statements.putConcepts, Object.values(this.#concepts));
      if (row?.count !== code.length) await this.#tellDuplicate(transaction);
    }
    const relations = this.#relations;
    if (relations.code.length > 0) await transaction.query(statements.putRelations, Object.values(relations));
    const { load, code: of, name, value, type } = this.#properties;
    if (of.length > 0) await transaction.query(statements.putProperties, [load, of, name, type, value]);
    if (this.#map.load.length > 0) await transaction.query(statements.putMapRows, Object.values(this.#map));
  }

  async #tellDuplicate(transaction: Transaction): Promise<never> {
    const { load, folded, ordinal, code } = this.#concepts;
    const rows = await transaction.query<{ load_id: number; folded: string; ordinal: number }>(
      statements.ordinalsOf,
      [load, folded],
    );
    const first = new Map(rows.map((row) => [`${row.load_id} ${row.folded}`, row.ordinal]));
    const at = ordinal.findIndex((one, index) => first.get(`${load[index]} ${folded[index]}`) !== one);
    const place = this.#places[at];
    throw new Damaged(place?.file ?? '', place?.line, `each code once: ${code[at] ?? ''} was there before`);
  }
}

/** Load, code, and two more. */
const table4 = () => ({
  load: [] as Column<number>,
  code: [] as Column<string>,
  name: [] as Column<string>,
  value: [] as Column<string>,
});

function add4(
  to: ReturnType<typeof table4>,
  [load, code, name, value]: readonly [number, string, string, string],
): void {
  to.load.push(load);
  to.code.push(code);
  to.name.push(name);
  to.value.push(value);
}

function searched({ code, display = '', designations = [] }: LoadedConcept): string {
  const texts =
    designations.length === 0 ? display : [display, ...designations.map(({ value }) => value)].join(' ');
  const words = wordsOf(`${code} ${texts}`);
  return (words.length > MAX_WORDS ? words.slice(0, MAX_WORDS) : words).join(' ');
}

const isEmpty = (object: object): boolean => {
  for (const _ in object) return false;
  return true;
};
