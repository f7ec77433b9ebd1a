import { storable } from './storable.ts';
import type { SqlParameter } from './types.ts';

/**
 * A piece of SQL with its parameters. It can only be made by the template `part`, whose own text is written here in the source, so no
 * text of a caller becomes SQL: what is put into the template is either another piece, or a parameter.
 */
export class Part {
  readonly #texts: readonly string[];
  readonly #values: readonly (SqlParameter | Part)[];

  private constructor(texts: readonly string[], values: readonly (SqlParameter | Part)[]) {
    this.#texts = texts;
    this.#values = values;
  }

  static of(texts: TemplateStringsArray, ...values: readonly (SqlParameter | Part)[]): Part {
    return new Part(texts, values);
  }

  static joined(parts: readonly Part[], by: Part): Part {
    const texts = Array.from({ length: Math.max(parts.length * 2, 1) }, () => '');
    const values = parts.flatMap((one, index) => (index === 0 ? [one] : [by, one]));
    return new Part(texts, values);
  }

  /** The statement's text with numbered parameters, and their values. */
  render(): { readonly text: string; readonly parameters: readonly SqlParameter[] } {
    const parameters: SqlParameter[] = [];
    return { text: this.#write(parameters), parameters };
  }

  #write(parameters: SqlParameter[]): string {
    let text = this.#texts[0] ?? '';
    this.#values.forEach((value, index) => {
      if (value instanceof Part) text += value.#write(parameters);
      else text += `$${parameters.push(sendable(value))}`;
      text += this.#texts[index + 1] ?? '';
    });
    return text;
  }
}

/** What no text of the server holds is in none that is stored (text.ts), so nothing is found by it; sent as it is, it would fail the statement. */
function sendable(value: SqlParameter): SqlParameter {
  if (typeof value === 'string') return storable(value);
  return Array.isArray(value)
    ? value.map((one: string | number | boolean | null) => (typeof one === 'string' ? storable(one) : one))
    : value;
}

/** `part\`r.id = ${id}\``: a piece of SQL; see Part. */
export const part = Part.of;

export const TRUE = part`TRUE`;
export const FALSE = part`FALSE`;
export const NOTHING = part``;

const AND = part` AND `;
const OR = part` OR `;
const COMMA = part`, `;

export const list = (parts: readonly Part[]): Part => Part.joined(parts, COMMA);

/** All of them hold; nothing always does. */
export function allOf(parts: readonly Part[]): Part {
  if (parts.includes(FALSE)) return FALSE;
  const [first, ...rest] = parts.filter((one) => one !== TRUE);
  if (!first) return TRUE;
  return rest.length === 0 ? first : part`(${Part.joined([first, ...rest], AND)})`;
}

/** One of them holds; of none, none does. */
export function anyOf(parts: readonly Part[]): Part {
  if (parts.includes(TRUE)) return TRUE;
  const [first, ...rest] = parts.filter((one) => one !== FALSE);
  if (!first) return FALSE;
  return rest.length === 0 ? first : part`(${Part.joined([first, ...rest], OR)})`;
}
