import { Damaged } from '../load/failures.ts';
import { linesOf } from '../load/lines.ts';
import type { InputFile, Meter, Place } from '../load/types.ts';

export interface RrfRow {
  readonly place: Place;
  readonly fields: readonly string[];
}

/** Rows of a file in Rich Release Format (RxNorm Technical Documentation): fields parted and ended by `|`. Throws Damaged for another number of them and for a file that is cut off. */
export async function* rrfRows(
  file: InputFile,
  meter: Meter,
  columns: number,
): AsyncGenerator<readonly RrfRow[]> {
  for await (const { first, lines } of linesOf(file, meter, { mustEndLine: true })) {
    yield lines.map((line, index) => {
      const fields = line.split('|');
      if (fields.length !== columns + 1 || fields[columns] !== '')
        throw new Damaged(file.name, first + index, `${columns} fields, each ended by |`);
      return { place: { file: file.name, line: first + index }, fields };
    });
  }
}
