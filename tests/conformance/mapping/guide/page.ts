import { type Covered, coverageOf, type State } from './coverage.ts';
import { gatherEvidence } from './evidence.ts';
import { type GuideFile, readGuide } from './guide.ts';

/** docs/reference/v2-to-fhir.md: the guide's segment maps row by row. `npm run mapping-coverage` writes it, a test compares it. */
export interface CoveragePage {
  readonly text: string;
  /** Rows of the guide that say something. */
  readonly rows: number;
}

const SAID = {
  covered: 'covered',
  differently: 'differently',
  missing: '**not**',
} as const satisfies Partial<Record<State, string>>;

export function coveragePage(): CoveragePage {
  const evidence = gatherEvidence();
  const files = readGuide().filter(({ kind }) => kind === 'segments');
  const maps = files.map((file) => ({
    file,
    rows: coverageOf(file, evidence).filter(({ state }) => state !== 'silent'),
  }));
  const all = maps.flatMap(({ rows }) => rows);
  const text = `<!-- Made by \`npm run mapping-coverage\`; edit src/clinical/mapping instead. -->

# HL7 v2 to FHIR, against the guide

Every row of the segment maps of HL7's v2-to-FHIR guide 1.0.0 that says something (${all.length}), and what Isthmus does with it:

- **covered**: the field reaches that element. *How* names the line of our table (\`src/clinical/mapping/segments/\`), or the element
  that was seen to change when the field was taken out of a message (tried with ${evidence.messages}).
- **differently**: elsewhere, otherwise, or on purpose not; *how* says why. The design page has the [differences in short](../design/mapping.md).
- **not**: nothing is made of it.

Which fields of one message nothing reads, \`isthmus test\` lists.

| map | covered | differently | not |
|---|---|---|---|
${maps
  .filter(({ rows }) => rows.length > 0)
  .map(summary)
  .join('\n')}
| **all** | ${countOf(all, 'covered')} | ${countOf(all, 'differently')} | ${countOf(all, 'missing')} |

${maps
  .filter(({ rows }) => rows.length > 0)
  .map(section)
  .join('\n')}`;
  return { text, rows: all.length };
}

interface MapRows {
  readonly file: GuideFile;
  readonly rows: readonly Covered[];
}

const countOf = (rows: readonly Covered[], state: State): number =>
  rows.filter((row) => row.state === state).length;

const summary = ({ file, rows }: MapRows): string =>
  `| [${file.map}](#${anchorOf(file.map)}) | ${countOf(rows, 'covered')} | ${countOf(rows, 'differently')} | ${countOf(rows, 'missing')} |`;

/** As Markdown makes anchors of headings. */
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');

const section = ({ file, rows }: MapRows): string =>
  [
    `## ${file.map}`,
    '',
    '| field | element | | how |',
    '|---|---|---|---|',
    ...new Set(rows.map(line)),
    '',
  ].join('\n');

const line = ({ row, state, how }: Covered): string =>
  `| ${row.identifier} | ${code(row.attribute)} | ${state === 'silent' ? '' : SAID[state]} | ${state === 'covered' ? code(how.replace(/, by the messages$/, '')) : cell(how)} |`;

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
const code = (text: string): string => `\`${cell(text)}\``;
