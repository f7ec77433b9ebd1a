import type { Field, Segment } from '../../../standards/hl7v2/index.ts';
import { authorityScope, resourceId } from '../../record/index.ts';
import { authorityOf } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import type { OrderGroup, Result } from './oru-groups.ts';

/** What an order's results are filed under. */
export interface OrderKey {
  readonly key: string;
  readonly reportId: string;
}

/** What an order is known by, whoever speaks of it. */
export interface RequestKey {
  readonly key: string;
  readonly id: string;
}

export interface IdentifiedResult {
  readonly obx: Segment;
  readonly notes: Segment[];
  /** ROL and PRT behind it. */
  readonly roles?: readonly Segment[];
  readonly key: string;
  readonly id: string;
  /** The text of several OBX that are lines of one. */
  readonly joinedText?: string;
}

/**
 * The identity of a report: the filler's number (OBR-3, ORC-3) or the placer's (OBR-2, ORC-2), with the service (OBR-4), because one number may
 * hold several panels. Without a number it is the message itself, so that a repeat is still a repeat.
 */
export function orderKeyOf({ orc, obr }: OrderGroup, context: MapContext): OrderKey {
  const numbers = [
    { kind: 'filler', field: obr?.field(3) },
    { kind: 'filler', field: orc?.field(3) },
    { kind: 'placer', field: obr?.field(2) },
    { kind: 'placer', field: orc?.field(2) },
  ];
  const service = obr ? codeOf(obr.field(4)).code : '';
  const number = numbers.find(({ field }) => field && field.component(1).trim() !== '');
  const key = number?.field
    ? `${number.kind}|${entityOf(number.field)}|${service}`
    : `message|${context.message.header.controlId}|${obr?.occurrence}|${service}`;
  return { key, reportId: resourceId('DiagnosticReport', context.system, key) };
}

/** EI: the number and who gave it, by namespace or universal id. */
const entityOf = (field: Field): string =>
  `${field.component(1).trim()}^${field.component(2).trim() || field.component(3).trim()}`;

/**
 * The identity of the orders of a patient: the placer's number (ORC-2, OBR-2) with its authority, or else the filler's (ORC-3, OBR-3), so that
 * the results of an order lead to what its owner stated. Some senders give one number to all services of a message: those after the first
 * are told apart by the filler's number and their service (OBR-4). An authority may number in several series (EI-2 beside EI-3).
 */
export function requestKeysOf(
  orders: readonly OrderGroup[],
  context: MapContext,
): Map<OrderGroup, RequestKey> {
  const marks = new Map<string, string>();
  const keys = new Map<OrderGroup, RequestKey>();
  orders.forEach((order, index) => {
    const { scope, key: base } = requestNumberOf(order, index, context);
    const mark = markOf(order);
    const first = marks.get(`${scope} ${base}`);
    if (first === undefined) marks.set(`${scope} ${base}`, mark);
    const key = first === undefined || first === mark ? base : `${base}|${mark}`;
    keys.set(order, { key, id: resourceId('ServiceRequest', scope, key) });
  });
  return keys;
}

function markOf({ orc, obr }: OrderGroup): string {
  const numbering = orc?.field(2).component(2) || obr?.field(2).component(2);
  const filler = orc?.field(3).component(1) || obr?.field(3).component(1);
  const codes = [1, 4, 10].map((at) => obr?.field(4).component(at));
  return [numbering, filler, ...codes].map((part) => part?.trim() ?? '').join('|');
}

/** What a CWE is known by: its first code, whichever of the three places it stands in, or else its words. */
function codeOf(field: Field): { code: string; system: string } {
  for (const at of [1, 4, 10]) {
    const code = field.component(at).trim();
    if (code !== '') return { code, system: field.component(at + 2).trim() };
  }
  return { code: field.component(2).trim() || field.component(9).trim(), system: '' };
}

function requestNumberOf(
  { orc, obr }: OrderGroup,
  index: number,
  context: MapContext,
): { scope: string; key: string } {
  const numbers = [
    { kind: 'placer', field: orc?.field(2) },
    { kind: 'placer', field: obr?.field(2) },
    { kind: 'filler', field: orc?.field(3) },
    { kind: 'filler', field: obr?.field(3) },
  ];
  for (const { kind, field } of numbers) {
    const number = field?.component(1).trim() ?? '';
    if (!field || number === '') continue;
    const parts = { namespace: field.component(2), universalId: field.component(3) };
    const authority = authorityOf(parts, context.authorities);
    return { scope: authority ? authorityScope(authority) : context.system, key: `${kind}|${number}` };
  }
  const { controlId } = context.message.header;
  return { scope: context.system, key: `message|${controlId}|${context.mentions.about}|${index + 1}` };
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['TX', 'FT', 'ST']);

/**
 * The identity of a result: its order, what was observed (OBX-3) and the sub-id (OBX-4), so that a correction finds it. Several OBX with
 * one identity are lines of one text; what is not text keeps its place in the message as a further sub-id, so that none is lost.
 */
export function identifyResults(
  results: readonly Result[],
  order: Pick<OrderKey, 'key'>,
  context: MapContext,
): IdentifiedResult[] {
  const identified = new Map<string, IdentifiedResult[]>();
  for (const { obx, notes, roles } of results) {
    const { code, system } = codeOf(obx.field(3));
    const base = `${order.key}|${code}^${system}|${obx.field(4).text.trim()}`;
    const same = identified.get(base) ?? [];
    const [head] = same;
    if (head && isText(head.obx) && (isText(obx) || isBlank(obx))) {
      same[0] = {
        ...head,
        notes: [...head.notes, ...notes],
        joinedText: `${head.joinedText ?? textOf(head.obx)}\n${textOf(obx)}`,
      };
    } else {
      const key = same.length === 0 ? base : `${base}#${same.length + 1}`;
      const id = resourceId('Observation', context.system, key);
      same.push({ obx, notes, key, id, ...(roles ? { roles } : {}) });
    }
    identified.set(base, same);
  }
  return [...identified.values()].flat();
}

const isText = (obx: Segment): boolean => TEXT_TYPES.has(obx.field(2).text.toUpperCase());
/** A line between lines of a text, of which some senders leave the type empty, too. */
const isBlank = (obx: Segment): boolean => obx.field(2).state === 'empty' && obx.field(5).state === 'empty';
const textOf = (obx: Segment): string =>
  obx
    .field(5)
    .repetitions.map((repetition) => repetition.wholeText)
    .join('\n');
