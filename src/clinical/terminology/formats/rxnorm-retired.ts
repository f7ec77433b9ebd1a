import type { InputFile, LoadedProperty, Meter } from '../load/types.ts';
import { IdNumbers } from './ids.ts';
import { rrfRows } from './rrf.ts';
import { isRxCui, type Known } from './rxnorm-known.ts';

interface Files {
  readonly archive: InputFile | undefined;
  readonly merged: InputFile | undefined;
}

/**
 * Concepts that RxNorm no longer has, as inactive, with the one that replaces them (`replaced_by`): RXNATOMARCHIVE has their last names and RXNCUI what became of them. Each is given once, with the name that
 * comes first.
 */
export async function* readRetired(
  { archive, merged }: Files,
  meter: Meter,
  { rows, concepts }: Known,
): AsyncGenerator<void> {
  const before = concepts.size;
  const isCurrent = (code: string) => (concepts.get(code) ?? before) < before;
  if (archive) {
    for await (const piece of rrfRows(archive, meter, 16)) {
      for (const { fields, place } of piece) {
        const [, , display = ''] = fields;
        const [code = '', vocabulary, , target = ''] = fields.slice(12);
        if (vocabulary !== 'RXNORM' || !isRxCui(code) || display === '' || concepts.get(code) !== undefined)
          continue;
        concepts.add(code);
        const properties = replacedBy(code, target, isCurrent);
        rows.concept(0, { code, display, isActive: false, properties }, place);
      }
      yield;
    }
  }
  if (!merged) return;
  const archived = concepts.size;
  const seen = new IdNumbers();
  for await (const piece of rrfRows(merged, meter, 5)) {
    for (const { fields, place } of piece) {
      const [code = '', , , , target = ''] = fields;
      if (!isRxCui(code) || isCurrent(code) || seen.get(code) !== undefined) continue;
      seen.add(code);
      const [property] = replacedBy(code, target, isCurrent);
      const number = concepts.get(code);
      if (number === undefined || number >= archived) {
        concepts.add(code);
        rows.concept(0, { code, isActive: false, properties: property ? [property] : [] }, place);
      }
    }
    yield;
  }
}

function replacedBy(code: string, target: string, isCurrent: (code: string) => boolean): LoadedProperty[] {
  const isKnown = target !== code && isRxCui(target) && isCurrent(target);
  return isKnown ? [{ name: 'replaced_by', type: 'concept', value: target }] : [];
}
