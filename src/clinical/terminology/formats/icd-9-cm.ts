import { invalidTerminology } from '../load/failures.ts';
import { linesOf } from '../load/lines.ts';
import type { InputFile, Rows } from '../load/types.ts';
import { baseOf, type Format, filesLike, type Given, versionOf } from './format.ts';
import { icd9cm, icd9Procedure } from './icd.ts';
import { systems } from './systems.ts';

/**
 * ICD-9-CM as CMS publishes it: `CMS32_DESC_LONG_DX.txt` (diagnoses) and `CMS32_DESC_LONG_SG.txt` (procedures), a code without dot and a description. Codes of the two differ in where
 * the dot stands, so the name of the file says which they are.
 */
export const icd9cmFormat: Format = {
  name: 'icd-9-cm',
  text: 'ICD-9-CM of CMS (CMS32_DESC_LONG_DX.txt, CMS32_DESC_LONG_SG.txt; --encoding windows-1252 where it says so)',
  revision: 1,
  async open(given) {
    const files = filesLike(given, /_LONG_(DX|SG)[^/]*\.txt$/i);
    const [file] = files;
    if (!file)
      throw invalidTerminology(
        given.files[0]?.name ?? '',
        'a file *_LONG_DX.txt or *_LONG_SG.txt is among them',
      );
    return {
      targets: [
        {
          ...{
            kind: 'code-system',
            url: systems.icd9cm,
            version: versionOf(given, /CMS(\d\d)/i.exec(baseOf(file))?.[1]),
          },
          header: {
            ...{
              name: 'ICD9CM',
              title: 'ICD-9-CM',
              status: 'active',
              isCaseSensitive: false,
              content: 'complete',
            },
            properties: [],
          },
        },
      ],
      async *read(rows) {
        for (const one of files) yield* readList(one, given, rows);
      },
      checks: { place: { file: file.name }, mustHaveDisplay: true },
    };
  },
};

const LINE = /^([A-Z0-9]{2,5}) +(\S.*)$/;

async function* readList(file: InputFile, { meter, options }: Given, rows: Rows): AsyncGenerator<void> {
  const dotted = /_LONG_SG/i.test(baseOf(file)) ? icd9Procedure : icd9cm;
  for await (const { first, lines } of linesOf(file, meter, options)) {
    for (const [index, line] of lines.entries()) {
      const place = { file: file.name, line: first + index };
      const [, plain = '', display = ''] = LINE.exec(line) ?? [];
      const code = dotted(plain);
      if (code === undefined) rows.error(place, 'a code of ICD-9-CM and its description');
      else rows.concept(0, { code, display: display.trim() }, place);
    }
    yield;
  }
}
