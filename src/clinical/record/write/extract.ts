import type { IndexedValue, SearchValue } from '../../../standards/fhir-search/index.ts';
import {
  foldedKey,
  keyEntry,
  mainDateOf,
  ofReferenceIdentifier,
  pairEntry,
  referenceEntry,
  textLine,
  tokenEntries,
  tokenForms,
  typedIdentifierEntries,
  uriKey,
  urlEntries,
} from '../entries.ts';
import { indexable, storable } from '../text.ts';

/**
 * Goes up whenever a resource would be filled into the search columns otherwise than before, so that older rows are filled again
 * (reindex.ts). A migration then makes the index resource_reindex anew, for rows below the new number.
 */
export const INDEXED_AS = 2;

/** What is stored for searching beside the content: columns of `resource`, and rows of the side tables. */
export interface IndexEntries {
  readonly dateFrom: string | null;
  readonly dateTo: string | null;
  readonly tokens: readonly string[];
  readonly refs: readonly string[];
  readonly params: readonly string[];
  readonly texts: string | null;
  readonly strings: readonly StringRow[];
  readonly dates: readonly DateRow[];
  readonly quantities: readonly QuantityRow[];
  /** Ids of the patients in whose compartments it lies, the one it is about first. */
  readonly patients: readonly string[];
}

interface StringRow {
  readonly param: string;
  readonly value: string;
  readonly exact: string;
}
interface DateSpan {
  readonly from: string;
  readonly to: string;
}
interface DateRow extends DateSpan {
  readonly param: string;
  readonly key: string;
}
interface QuantityRow {
  readonly param: string;
  readonly key: string;
  readonly low: string | null;
  readonly high: string | null;
  readonly system: string | null;
  readonly code: string | null;
  readonly unit: string | null;
}

export interface Extraction {
  readonly type: string;
  readonly id: string;
  readonly values: readonly IndexedValue[];
  /** Parameters whose references put a resource of this type into a patient's compartment. */
  readonly compartment: readonly string[];
}

/**
 * For one resource, so that a hostile one can't fill an index: what is beyond is stored but not found by it. A Group of so many members is
 * found by each of them.
 */
const MAX_ENTRIES = 50_000;
const ABOUT: ReadonlySet<string> = new Set(['patient', 'subject', 'beneficiary']);

/** Never fails, whatever a resource holds (R14): what no column takes is left out. */
export function indexEntries({ type, id, values, compartment }: Extraction): IndexEntries {
  const found = new Found(mainDateOf(type), compartment);
  if (type === 'Patient') found.subjects.add(id);
  for (const { param, value } of values) {
    if (found.size >= MAX_ENTRIES) break;
    found.params.add(param);
    found.add(param, value);
  }
  return found.entries();
}

class Found {
  readonly tokens = new Set<string>();
  readonly refs = new Set<string>();
  readonly params = new Set<string>();
  readonly texts = new Set<string>();
  readonly strings: StringRow[] = [];
  readonly dates: DateRow[] = [];
  readonly quantities: QuantityRow[] = [];
  /** Whom it is about, before who else takes part. */
  readonly subjects = new Set<string>();
  readonly others = new Set<string>();
  #main: DateSpan | undefined;
  readonly #mainDate: string | undefined;
  readonly #compartment: readonly string[];

  constructor(mainDate: string | undefined, compartment: readonly string[]) {
    this.#mainDate = mainDate;
    this.#compartment = compartment;
  }

  get size(): number {
    return (
      this.tokens.size +
      this.refs.size +
      this.texts.size +
      this.strings.length +
      this.dates.length +
      this.quantities.length
    );
  }

  add(param: string, value: SearchValue): void {
    switch (value.kind) {
      case 'token':
        for (const entry of tokenEntries(param, value)) this.tokens.add(entry);
        for (const text of value.texts ?? []) this.texts.add(textLine(param, text));
        break;
      case 'typed-identifier':
        for (const entry of typedIdentifierEntries(param, value)) this.tokens.add(entry);
        break;
      case 'reference':
        this.#reference(param, value);
        break;
      case 'date':
        this.#date(param, '', value);
        break;
      case 'string':
        this.strings.push({ param, value: foldedKey(value.value), exact: storable(value.value) });
        break;
      case 'uri':
        this.strings.push({ param, value: uriKey(value.value), exact: storable(value.value) });
        break;
      case 'quantity':
        this.#quantity(param, '', value);
        break;
      case 'composite':
        this.#composite(param, value.components);
    }
  }

  #reference(param: string, { local, url, identifier }: SearchValue & { kind: 'reference' }): void {
    if (local !== undefined) {
      this.refs.add(referenceEntry(param, local));
      if (local.startsWith('Patient/') && this.#compartment.includes(param))
        (ABOUT.has(param) ? this.subjects : this.others).add(local.slice('Patient/'.length));
    }
    if (url !== undefined) for (const entry of urlEntries(param, url)) this.refs.add(entry);
    if (!identifier) return;
    const { system, code } = identifier;
    const token = { ...(system ? { system } : {}), ...(code === undefined ? {} : { code }) };
    for (const entry of tokenEntries(ofReferenceIdentifier(param), token)) this.tokens.add(entry);
  }

  #date(param: string, key: string, value: SearchValue & { kind: 'date' }): void {
    const from = timestamp(value.from, '-infinity');
    const to = timestamp(value.to, 'infinity');
    if (from === undefined || to === undefined || (from === '-infinity' && to === 'infinity')) return;
    if (param !== this.#mainDate || key !== '') this.dates.push({ param, key, from, to });
    else this.#main = this.#main ? hull(this.#main, { from, to }) : { from, to };
  }

  #quantity(param: string, key: string, value: SearchValue & { kind: 'quantity' }): void {
    const low = numeric(value.low);
    const high = numeric(value.high);
    if (low === null && high === null) return;
    const { system, code, unit } = value;
    this.quantities.push({
      param,
      key,
      low,
      high,
      system: bounded(system),
      code: bounded(code),
      unit: bounded(unit),
    });
  }

  /** The first component of every composite of R4 is a token. */
  #composite(param: string, components: readonly (readonly SearchValue[])[]): void {
    const [keys = [], ...others] = components;
    const forms = keys.flatMap((key) => (key.kind === 'token' ? tokenForms(param, key) : []));
    for (const form of forms) for (const other of others.flat()) this.#pair(param, form, other);
  }

  #pair(param: string, form: string, other: SearchValue): void {
    if (this.size >= MAX_ENTRIES) return;
    if (other.kind === 'date') this.#date(param, keyEntry(form), other);
    else if (other.kind === 'quantity') this.#quantity(param, keyEntry(form), other);
    else for (const text of pairTexts(param, other)) this.tokens.add(pairEntry(param, form, text));
  }

  entries(): IndexEntries {
    return {
      dateFrom: this.#main?.from ?? null,
      dateTo: this.#main?.to ?? null,
      tokens: [...this.tokens],
      refs: [...this.refs],
      params: [...this.params],
      texts: this.texts.size === 0 ? null : `\n${[...this.texts].join('\n')}\n`,
      strings: this.strings,
      dates: this.dates,
      quantities: this.quantities,
      patients: [...new Set([...this.subjects, ...this.others])],
    };
  }
}

const pairTexts = (param: string, other: SearchValue): readonly string[] => {
  if (other.kind === 'token') return tokenForms(param, other);
  if (other.kind === 'string') return [foldedKey(other.value)];
  if (other.kind === 'uri') return [uriKey(other.value)];
  if (other.kind !== 'reference') return [];
  return [other.local, other.url].filter((one) => one !== undefined);
};

/** The earliest beginning and the latest end, as of the times of a Timing. As texts the two infinities stand where they belong. */
const hull = (one: DateSpan, other: DateSpan): DateSpan => ({
  from: one.from < other.from ? one.from : other.from,
  to: one.to > other.to ? one.to : other.to,
});

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Undefined for what has no year of four digits. */
function timestamp(at: Date | undefined, open: string): string | undefined {
  if (at === undefined) return open;
  const ms = at.getTime();
  return ms >= FIRST_MS && ms <= LAST_MS ? at.toISOString() : undefined;
}

/** What every `numeric` holds; nothing measured has more digits. */
const NUMERIC = /^-?\d{1,60}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,3})?$/;

const numeric = (decimal: string | undefined): string | null =>
  decimal !== undefined && NUMERIC.test(decimal) ? decimal : null;

const bounded = (text: string | undefined): string | null => (text === undefined ? null : indexable(text));
