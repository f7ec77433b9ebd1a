import type { SqlParameter } from '../../../foundation/database/index.ts';

/**
 * A piece of SQL with its parameters. It is only made by the template `piece`, whose own text is written in the source, so no text of a caller becomes SQL: what is put into the template
 * is another piece, or a parameter.
 */
export class Piece {
  readonly #texts: readonly string[];
  readonly #values: readonly (SqlParameter | Piece)[];

  private constructor(texts: readonly string[], values: readonly (SqlParameter | Piece)[]) {
    this.#texts = texts;
    this.#values = values;
  }

  static of(texts: TemplateStringsArray, ...values: readonly (SqlParameter | Piece)[]): Piece {
    return new Piece(texts, values);
  }

  static all(pieces: readonly Piece[]): Piece {
    return pieces.reduce((before, one) => Piece.of`${before} AND ${one}`, Piece.of`TRUE`);
  }

  render(): { readonly text: string; readonly parameters: readonly SqlParameter[] } {
    const parameters: SqlParameter[] = [];
    return { text: this.#write(parameters), parameters };
  }

  #write(parameters: SqlParameter[]): string {
    let text = this.#texts[0] ?? '';
    this.#values.forEach((value, index) => {
      text += value instanceof Piece ? value.#write(parameters) : `$${parameters.push(value)}`;
      text += this.#texts[index + 1] ?? '';
    });
    return text;
  }
}

export const piece = Piece.of;
