import {
  editMessage,
  type Field,
  type FieldValue,
  Hl7Error,
  type Hl7Message,
  parseMessage,
  repeat,
  type Segment,
} from '../../../standards/hl7v2/index.ts';
import type { Convert, RunnableRow, Site } from '../context.ts';
import { each as eachOf, first as firstOf, listOf } from '../convert.ts';
import { belongingTo, isAnchor } from './anchors.ts';
import type { SiteLine, SiteMapping, SiteReading } from './authoring.ts';
import { readerOf, readings } from './datatypes.ts';
import { elementAt, type SlotElement } from './elements.ts';
import { isOurs, tableTargets } from './targets.ts';

interface Mapped {
  readonly segment: string;
  readonly resource: string;
}

interface CompiledTable extends Mapped {
  readonly rows: readonly RunnableRow[];
  readonly ignored: ReadonlySet<number>;
}

/** From a mapping that was judged (siteMapping). */
export function compileSite({ segments, read }: SiteMapping): Site {
  const compiled = Object.entries(segments).flatMap(([segment, lines]) =>
    (tableTargets(segment, lines) ?? []).map(({ resource, rows }) =>
      compileTable({ segment, resource }, rows),
    ),
  );
  const beside = compiled.filter(isOurs);
  const following = compiled.filter((table) => !isOurs(table));
  const merged = new WeakMap<object, readonly RunnableRow[]>();
  const readings = Object.entries(read);
  return {
    rowsOf(table) {
      const own = beside.filter((one) => one.segment === table.segment && one.resource === table.resource);
      if (own.length === 0) return table.rows;
      const known = merged.get(table);
      if (known) return known;
      const rows = own.reduce<readonly RunnableRow[]>(merge, table.rows);
      merged.set(table, rows);
      return rows;
    },
    following: ({ segment, resource }, anchor, message) =>
      isAnchor(segment, resource)
        ? following
            .filter((one) => one.resource === resource)
            .flatMap(({ segment: name, rows }) =>
              belongingTo(anchor, name, message).map((own) => ({ segment: own, rows })),
            )
        : [],
    sources: new Set(readings.flatMap(([, reading]) => ('from' in reading ? [reading.from] : []))),
    read: (message) => (readings.length === 0 ? message : readAs(message, readings)),
  };
}

/** A line of the site stands instead of ours of the same field and place; others are added. */
function merge(ours: readonly RunnableRow[], { rows, ignored }: CompiledTable): readonly RunnableRow[] {
  const isReplaced = (row: RunnableRow): boolean =>
    ignored.has(row.field) || rows.some((own) => own.field === row.field && own.to === row.to);
  return [...ours.filter((row) => !isReplaced(row)), ...rows];
}

function compileTable(mapped: Mapped, lines: readonly SiteLine[]): CompiledTable {
  const rows = lines.flatMap((line): RunnableRow[] => {
    const element = 'to' in line ? elementAt(mapped.resource, line.to) : undefined;
    return 'to' in line && element
      ? [{ field: line.field, to: line.to, as: converterOf(line, element) }]
      : [];
  });
  const ignored = new Set(lines.flatMap((line) => ('ignored' in line ? [line.field] : [])));
  return { ...mapped, rows, ignored };
}

/** Values in the form in which their place takes them: as a list, as an extension, or with their type. */
function converterOf({ as: { take, of } }: Extract<SiteLine, { to: string }>, element: SlotElement): Convert {
  const read = readerOf(of);
  const { types } = readings[of.datatype];
  const { url } = element;
  if (url !== undefined) {
    const name = `value${capital(types[0])}`;
    const extended: typeof read = (value, context) => {
      const inner = read(value, context);
      return inner === undefined ? undefined : { url, [name]: inner };
    };
    return take === 'each' ? eachOf(extended) : listOf(firstOf(extended));
  }
  const convert = take === 'each' ? eachOf(read) : element.array ? listOf(firstOf(read)) : firstOf(read);
  if (!element.choice) return convert;
  const type = types.find((one) => element.types.includes(one)) ?? types[0];
  return (field, context, at) => {
    const value = convert(field, context, at);
    return value === undefined ? undefined : { [capital(type)]: value };
  };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** The message with fields from where this sender puts them, and codes as what they stand for. */
function readAs(message: Hl7Message, wanted: readonly (readonly [string, SiteReading])[]): Hl7Message {
  const changes = wanted.flatMap(([name, reading]) => changesOf(message, name, reading));
  if (changes.length === 0) return message;
  const editor = editMessage(message);
  for (const { path, value } of changes) editor.set(path, value);
  return parseMessage(editor.toBytes(), { defaultCharset: message.charset });
}

interface EditedField {
  readonly path: string;
  readonly value: FieldValue;
}

function changesOf(message: Hl7Message, name: string, reading: SiteReading): EditedField[] {
  const [segment = '', number = ''] = name.split('-');
  return message.segments(segment).flatMap((one) => {
    const path = `${segment}[${one.occurrence}]-${number}`;
    const change = () =>
      'codes' in reading
        ? recoded(one.field(Number(number)), path, reading.codes)
        : taken(sourceOf(one, reading.from, message), path);
    return readable(change) ?? [];
  });
}

function recoded(field: Field, path: string, codes: { readonly [code: string]: string }): EditedField[] {
  return field.repetitions.flatMap((repetition, index) => {
    const sent = repetition.component(1).trim();
    const meant = Object.hasOwn(codes, sent) ? codes[sent] : undefined;
    return meant === undefined ? [] : [{ path: `${path}[${index + 1}].1`, value: meant }];
  });
}

function sourceOf(one: Segment, from: string, message: Hl7Message): Field | undefined {
  const [name = '', number = ''] = from.split('-');
  const source = name === one.name ? one : belongingTo(one, name, message)[0];
  return source?.field(Number(number));
}

const taken = (field: Field | undefined, path: string): EditedField[] =>
  field?.state === 'valued' ? [{ path, value: writable(field) }] : [];

/** What can't be decoded is left as it is: the mapping finds it where it stands. */
function readable<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Hl7Error) return undefined;
    throw error;
  }
}

/** A field as values that are written again: repetitions of components of subcomponents. */
const writable = (field: Field): FieldValue =>
  repeat(
    ...field.repetitions.map((repetition) =>
      Array.from({ length: repetition.componentCount }, (_, component) =>
        Array.from({ length: repetition.subcomponentCount(component + 1) }, (_, subcomponent) =>
          repetition.component(component + 1, subcomponent + 1),
        ),
      ),
    ),
  );
