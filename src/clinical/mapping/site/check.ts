import { z } from 'zod';
import { isAnchored } from './anchors.ts';
import type { SiteConverter, SiteLine, SiteMapping } from './authoring.ts';
import { readings } from './datatypes.ts';
import { elementAt, type SlotElement } from './elements.ts';
import { isOurs, tableTargets } from './targets.ts';

const segmentName = /^[A-Z][A-Z0-9]{2}$/;
const fieldName = /^([A-Z][A-Z0-9]{2})-([1-9]\d{0,2})$/;

const plain: z.ZodType = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.array(plain), z.record(z.string(), plain)]),
);
/** Written into a message, whose character set may be ASCII. */
const printable = z.string().regex(/^[ -~]+$/, 'a code in ASCII');
const coding = z.strictObject({
  system: z.string().min(1),
  code: z.string().min(1),
  display: z.string().optional(),
});
const datatype = z.strictObject({
  datatype: z.enum(Object.keys(readings) as [string, ...string[]]),
  table: z
    .string()
    .regex(/^\d{4}$/, "a table of HL7 by its four digits: cwe('0171')")
    .optional(),
  codes: z.record(z.string(), z.union([coding, z.string().min(1)])).optional(),
  use: z.enum(['home', 'work', 'mobile']).optional(),
  component: z.int().min(1).max(99).optional(),
  within: z
    .strictObject({ element: z.string().regex(/^[a-z]\w*$/), beside: z.record(z.string(), plain) })
    .optional(),
});
const field = z.int().min(1).max(999);
const line = z.union(
  [
    z.strictObject({
      field,
      to: z.string().min(1),
      as: z.strictObject({ take: z.enum(['first', 'each']), of: datatype }),
    }),
    z.strictObject({ field, ignored: z.literal(true) }),
  ],
  'a line: { field, to, as: each(…) } or ignore(field)',
);
const table = z.strictObject({ resource: z.string().min(1), rows: z.array(line).min(1).max(200) });
const shape = z.strictObject({
  segments: z.record(
    z.string().regex(segmentName, 'a segment: three capitals or digits'),
    z.union([z.array(table).min(1), z.array(line).min(1).max(200)], 'lines, or onto(resource, lines)'),
  ),
  read: z.record(
    z.string().regex(fieldName, 'a field: PV1-19'),
    z.union(
      [
        z.strictObject({ from: z.string().regex(fieldName, 'a field: ZPV-3') }),
        z.strictObject({ codes: z.record(z.string().min(1), printable) }),
      ],
      'from(field) or codes(table)',
    ),
  ),
});

type Path = (string | number)[];
type Report = (path: Path, rule: string) => void;

/** A mapping of a site, judged as a whole: every mistake at once, each with its place and what would be right. */
export const siteMapping: z.ZodType<SiteMapping> = shape.superRefine((mapping, context) => {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
  const judged = mapping as SiteMapping;
  for (const [segment, lines] of Object.entries(judged.segments)) checkSegment(segment, lines, report);
  for (const [name, reading] of Object.entries(judged.read)) checkReading(name, reading, report);
}) as z.ZodType<SiteMapping>;

function checkSegment(segment: string, lines: SiteMapping['segments'][string], report: Report): void {
  const path = ['segments', segment];
  const targets = segment === 'MSH' ? [] : tableTargets(segment, lines);
  if (segment === 'MSH') report(path, ENVELOPE);
  if (!targets)
    report(path, `onto(…) says which resource ${segment} goes to: it is none of the segments mapped here`);
  for (const { resource, rows, at } of targets ?? []) {
    const isKnown = isOurs({ segment, resource }) || isAnchored(resource);
    if (!isKnown) report([...path, ...at], `nothing of ${segment} can be put onto ${resource} here`);
    const before = at.length > 0 ? [...path, ...at, 'rows'] : path;
    const taken = new Set<string>();
    for (const [index, row] of isKnown ? rows.entries() : []) {
      checkLine(resource, row, { path: [...before, index], report });
      const to = 'to' in row ? row.to : '';
      if (taken.has(to)) report([...before, index, 'to'], `another line goes to ${to} already`);
      if (to !== '') taken.add(to);
    }
  }
}

function checkLine(resource: string, row: SiteLine, { path, report }: { path: Path; report: Report }): void {
  if ('ignored' in row) return;
  const element = elementAt(resource, row.to);
  const rule = element && mismatch(row.as, element);
  if (!element) report([...path, 'to'], `${row.to} is no place in ${resource}`);
  else if (rule !== undefined) report([...path, 'as'], rule);
}

const ENVELOPE = 'MSH says how a message is to be read, and is not mapped';

/** Why the values would not fit where they go; undefined when they do. */
function mismatch({ take, of }: SiteConverter, element: SlotElement): string | undefined {
  const { types, primitive } = readings[of.datatype];
  if (of.component !== undefined && !primitive) return `${of.datatype} is read as a whole, not by component`;
  if (of.datatype === 'CWE' && Object.values(of.codes ?? {}).some((one) => typeof one === 'string'))
    return "cwe(…) puts codings before the sender's: { system, code }";
  if (of.datatype === 'ID' && Object.values(of.codes ?? {}).some((one) => typeof one !== 'string'))
    return 'id(…) gives codes of FHIR as text';
  if (take === 'each' && !element.array) return 'one value goes there: first(…) instead of each(…)';
  if (of.within || element.url !== undefined) return undefined;
  if (types.some((type) => element.types.includes(type))) return undefined;
  return `${of.datatype} is read as ${types[0]}; there goes ${element.types.join(' or ')}`;
}

/** Who the patient is decides the order of messages before any mapping runs. */
const FIXED = new Set(['PID-3', 'MRG-1', 'MRG-4']);

function checkReading(name: string, reading: SiteMapping['read'][string], report: Report): void {
  const path = ['read', name];
  if (name.startsWith('MSH-')) report(path, ENVELOPE);
  else if (FIXED.has(name)) report(path, 'whose message it is, is read when it arrives, from this field');
  else if ('from' in reading && reading.from === name) report(path, 'another field than itself');
}
