import type { InputFile, Meter } from '../load/types.ts';
import { ndcForms } from './ndc.ts';
import { rrfRows } from './rrf.ts';
import type { Known } from './rxnorm-known.ts';
import { systems } from './systems.ts';

/**
 * NDCs of RXNSAT (attribute NDC of RxNorm itself): a package is narrower than the drug it holds. What an NDC means may change over time, and one may lead to several: all are kept, and then none of them is a
 * translation.
 */
export async function* readNdc(
  file: InputFile,
  meter: Meter,
  { rows, concepts }: Known,
): AsyncGenerator<void> {
  for await (const piece of rrfRows(file, meter, 13)) {
    for (const { fields, place } of piece) {
      const [concept = '', , , , , , , , name, vocabulary, value = '', suppressed] = fields;
      if (name !== 'NDC' || vocabulary !== 'RXNORM') continue;
      const ndc = ndcForms(value);
      if (ndc === undefined)
        rows.warn(place, 'an NDC of eleven digits, or of ten in segments: it is left out');
      else if (concepts.get(concept) === undefined)
        rows.warn(place, 'an NDC of a concept that is there: it is left out');
      else
        rows.map(1, {
          source: { system: systems.ndc, code: ndc.plain },
          target: { system: systems.rxnorm, code: concept },
          equivalence: 'wider',
          ...(suppressed === 'O' ? { comment: 'obsolete' } : {}),
        });
    }
    yield;
  }
}
