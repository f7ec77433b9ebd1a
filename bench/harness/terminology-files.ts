import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in the layouts of their publishers, with invented codes and texts. */

const WORDS =
  'acute chronic left right upper lower benign malignant primary secondary invented fictional heart lung liver knee skin bone finding disorder procedure structure syndrome injury lesion pain fever cough rash tumor'.split(
    ' ',
  );
/** Two words of thirty and one of a few thousand: vocabularies have many rare words. */
const term = (n: number): string =>
  `${WORDS[n % 31]} ${WORDS[(n * 7 + 3) % 31]} ${((n * 2_654_435_761) % 4_096).toString(36)}`;

const TIMES =
  '0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 9876543210'.split(
    ' ',
  );
const TURN = '1576283094';
const TURNS = ['0123456789'];
for (let time = 1; time < 8; time += 1)
  TURNS.push([...(TURNS[time - 1] ?? '')].map((digit) => TURN[Number(digit)]).join(''));

/** With its check digit (Verhoeff). */
function sctId(digits: string): string {
  let check = 0;
  for (let at = 0; at < digits.length; at += 1)
    check = Number(TIMES[check]?.[Number(TURNS[(at + 1) % 8]?.[Number(digits[digits.length - 1 - at])])]);
  return `${digits}${'0432156789'[check]}`;
}

export const concept = (n: number): string => (n === 0 ? '138875005' : sctId(`${7_000_000 + n}00`));

async function table(folder: string, name: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(join(folder, name));
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < 1 << 20) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await once(file, 'finish');
}

const TAIL = '_US1000124_20260301.txt';
const MODULE = '20260301\t1\t731000124108';

/** A snapshot of SNOMED CT in RF2 with three descriptions and one or two parents a concept, as the real one has. */
export async function snomedFiles(concepts: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-rf2-'));
  const description = (n: number, kind: number) => sctId(`${1_000_000 + n * 3 + kind}01`);
  function* each(head: string, lines: (n: number) => readonly string[]): Generator<string> {
    yield `${head.replaceAll(' ', '\t')}\r\n`;
    for (let n = 0; n < concepts; n += 1) for (const line of lines(n)) yield `${line}\r\n`;
  }
  const columns = 'id effectiveTime active moduleId';
  await table(
    folder,
    `sct2_Concept_Snapshot${TAIL}`,
    each(`${columns} definitionStatusId`, (n) => [`${concept(n)}\t${MODULE}\t900000000000074008`]),
  );
  await table(
    folder,
    `sct2_Description_Snapshot-en${TAIL}`,
    each(`${columns} conceptId languageCode typeId term caseSignificanceId`, (n) =>
      [0, 1, 2].map((kind) => {
        const type = kind === 0 ? '900000000000003001' : '900000000000013009';
        const text = kind === 0 ? `${term(n)} (finding)` : term(n + kind - 1);
        return `${description(n, kind)}\t${MODULE}\t${concept(n)}\ten\t${type}\t${text}\t900000000000448009`;
      }),
    ),
  );
  await table(
    folder,
    `der2_cRefset_LanguageSnapshot-en${TAIL}`,
    each(`${columns} refsetId referencedComponentId acceptabilityId`, (n) =>
      [0, 1, 2].map((kind) => {
        const how = kind < 2 ? '900000000000548007' : '900000000000549004';
        return `0000-${n}-${kind}\t${MODULE}\t900000000000509007\t${description(n, kind)}\t${how}`;
      }),
    ),
  );
  await table(
    folder,
    `sct2_Relationship_Snapshot${TAIL}`,
    each(
      `${columns} sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId`,
      (n) => {
        const parents = n === 0 ? [] : n % 3 === 0 && n > 30 ? [7, 11] : [7];
        return parents.map(
          (share) =>
            `${sctId(`${5_000_000 + n * 2 + (share > 7 ? 1 : 0)}02`)}\t${MODULE}\t${concept(n)}\t${concept(Math.floor(n / share))}\t0\t116680003\t900000000000011006\t900000000000451002`,
        );
      },
    ),
  );
  return folder;
}

const ICD10_CODES = 71_704;
const ICD9_CODES = 14_567;

/** An invented code of ICD-10-CM as files have it: a letter and six characters. */
const icd10 = (n: number): string =>
  `${String.fromCharCode(65 + Math.floor(n / 10_000))}${String(n % 10_000).padStart(4, '0')}XA`;
const icd9 = (n: number): string => String(1_000 + n).padStart(5, '0');

export const dottedIcd10 = (n: number): string => icd10(n % ICD10_CODES).replace(/^(.{3})/, '$1.');
export const dottedIcd9 = (n: number): string => icd9(n % ICD9_CODES).replace(/^(.{3})/, '$1.');

/** ICD-10-CM and the two GEMs, as many codes as there are. */
export async function icdFiles(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-icd-'));
  await mkdir(join(folder, 'gem'));
  const many = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => `${line(n)}\n`);
  await table(
    folder,
    'icd10cm_order_2026.txt',
    many(ICD10_CODES, (n) => {
      const text = term(n);
      return `${String(n + 1).padStart(5, '0')} ${icd10(n)} 1 ${text.padEnd(60)} ${text}`;
    }),
  );
  await table(
    join(folder, 'gem'),
    '2018_I9gem.txt',
    many(ICD9_CODES, (n) => `${icd9(n)} ${icd10(n * 4)} 10000`),
  );
  await table(
    join(folder, 'gem'),
    '2018_I10gem.txt',
    many(ICD10_CODES, (n) => `${icd10(n)} ${icd9(n % ICD9_CODES)}   10000`),
  );
  return folder;
}
