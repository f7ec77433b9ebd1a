import { FhirError, parseExact } from '../../../standards/fhir/index.ts';
import {
  codeSystemView,
  conceptMapView,
  conceptsOf,
  type Definition,
  mapRowsOf,
  rolesOf,
} from '../../../standards/terminology/index.ts';
import { Damaged, invalidTerminology } from '../load/failures.ts';
import type { InputFile, Reading, Rows, Target } from '../load/types.ts';
import { type Format, filesLike, type Given } from './format.ts';
import { type JsonPiece, piecesOf } from './json-pieces.ts';

const LISTS = ['concept', 'group.element'];

/**
 * CodeSystem and ConceptMap resources as JSON, of any size: concepts and elements are read one by one. Smaller ones may as well be written through the API; value sets always are, or come
 * with a package.
 */
export const fhir: Format = {
  name: 'fhir',
  text: 'CodeSystem and ConceptMap resources of FHIR R4 as .json, of any size (value sets: isthmus import, isthmus package load)',
  revision: 1,
  async open(given) {
    const files = filesLike(given, /\.json$/i);
    const [first] = files;
    if (!first) throw invalidTerminology(given.files[0]?.name ?? '', 'a .json file is among them');
    const found: Found[] = [];
    for (const file of files) found.push(await headOf(file, given));
    return readingOf(given, found, first);
  },
};

interface Found {
  readonly file: InputFile;
  /** The resource without concepts and elements. */
  readonly head: Definition;
}

async function headOf(file: InputFile, { meter }: Given): Promise<Found> {
  let rest = '';
  for await (const part of piecesOf(file, meter, LISTS)) rest = part.rest ?? rest;
  const head = parsed(file, { line: 1, text: rest });
  const { resourceType, url } = head;
  if (resourceType !== 'CodeSystem' && resourceType !== 'ConceptMap')
    throw new Damaged(
      file.name,
      1,
      'a CodeSystem or ConceptMap; value sets are imported (isthmus import) or come with a package',
    );
  if (typeof url !== 'string' || url === '') throw new Damaged(file.name, 1, 'a resource with url');
  if (head.content === 'supplement' || head.content === 'not-present')
    throw new Damaged(
      file.name,
      1,
      'a code system with its content; supplements are written through the API',
    );
  return { file, head };
}

function readingOf(given: Given, found: readonly Found[], first: InputFile): Reading {
  return {
    targets: found.map(({ head }) =>
      head.resourceType === 'CodeSystem' ? codeSystem(head, given) : conceptMap(head, given),
    ),
    async *read(rows) {
      for (const [target, { file, head }] of found.entries()) {
        for await (const { pieces } of piecesOf(file, given.meter, LISTS)) {
          for (const piece of pieces) {
            if (head.resourceType === 'CodeSystem' && piece.path === 'concept')
              putConcepts({ file, head, target, rows }, piece);
            if (head.resourceType === 'ConceptMap' && piece.path === 'group.element')
              putElement({ file, head, target, rows }, piece);
          }
          yield;
        }
      }
    },
    checks: { place: { file: first.name } },
  };
}

function codeSystem(head: Definition, { options }: Given): Target {
  const {
    url,
    version,
    find: _find,
    children: _children,
    isAncestor: _above,
    select: _select,
    ...view
  } = codeSystemView(head);
  const { total: _total, matching: _matching, count: _count, ...header } = view;
  return { kind: 'code-system', url, version: options.version ?? version ?? '', header };
}

function conceptMap(head: Definition, { options }: Given): Target {
  const { url, version, rows: _rows, reverse: _reverse, ...header } = conceptMapView(head);
  const { title } = head;
  return {
    ...{ kind: 'concept-map', url, version: options.version ?? version ?? '' },
    header: { ...header, ...(typeof title === 'string' ? { title } : {}) },
  };
}

interface Into {
  readonly file: InputFile;
  readonly head: Definition;
  readonly target: number;
  readonly rows: Rows;
}

/** A concept with those below it. */
function putConcepts({ file, head, target, rows }: Into, piece: JsonPiece): void {
  const { properties } = codeSystemView(head);
  const roles = rolesOf(properties);
  const place = { file: file.name, line: piece.line };
  const node = parsed(file, piece);
  const concepts = conceptsOf({ concept: [node] }, roles);
  if (concepts.length === 0) rows.error(place, 'concepts with a code');
  const here = new Set(concepts.map(({ code }) => code));
  for (const { properties: own, parents, ...concept } of concepts) {
    const kept = own.map(({ code: name, type, value }) => ({ name, type, value }));
    rows.concept(target, { ...concept, parents, properties: kept }, place);
    for (const { code: name, value } of own)
      if (roles.get(name) === 'child' && !here.has(value))
        rows.relation(target, { code: value, kind: 'parent', target: concept.code });
  }
}

function putElement({ file, head, target, rows }: Into, piece: JsonPiece): void {
  const place = { file: file.name, line: piece.line };
  const group = Array.isArray(head.group) ? head.group[piece.group] : undefined;
  const element = parsed(file, piece);
  const found = mapRowsOf({ ...(group as Definition), element: [element] });
  if (found.length === 0) rows.error(place, 'elements with a code');
  for (const row of found) rows.map(target, row);
}

/** Decimals keep their digits where there are any. */
function parsed(
  file: InputFile,
  { line, text }: { readonly line: number; readonly text: string },
): Definition {
  try {
    const value: unknown = text.includes('"valueDecimal"') ? parseExact(text) : JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Definition;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof FhirError)) throw error;
  }
  throw new Damaged(file.name, line, 'a JSON object');
}
