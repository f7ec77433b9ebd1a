import type { Hl7Message } from '../../standards/hl7v2/index.ts';
import { obr } from './segments/obr.ts';
import { obx } from './segments/obx.ts';
import { pid } from './segments/pid.ts';
import { pv1 } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { resourceSegments, serviceTiming } from './segments/resources.ts';
import { sch } from './segments/sch.ts';

/** Fields that something reads, by segment. */
const mappedFields: ReadonlyMap<string, ReadonlySet<number>> = new Map([
  ...[pid, pv1, pv2, obr, obx, sch].map(
    (map) =>
      [
        map.segment,
        new Set([
          ...map.rows.flatMap(({ field, with: others = [] }) => [field, ...others]),
          ...map.elsewhere,
        ]),
      ] as const,
  ),
  ...[
    ...resourceSegments.map((kind) => ({ ...kind, extra: [2, kind.role] })),
    { ...serviceTiming, extra: [] },
  ].map(
    ({ segment, start, duration, extra }) =>
      [segment, new Set([1, 3, start, duration, duration + 1, ...extra])] as const,
  ),
  ['EVN', new Set([1, 2])],
  ['NTE', new Set([1, 2, 3])],
  ['ORC', new Set([2, 3])],
  ['TQ1', new Set([1, 7, 8])],
]);

/** Segments that carry no content of their own. */
const ENVELOPE: ReadonlySet<string> = new Set(['MSH', 'SFT', 'RGS']);

/**
 * How often each filled field of a message was not mapped: `{ 'PID-26': 1, 'ZPI': 2 }`; a segment that nothing reads counts as a whole. Counts
 * only, never values.
 */
export function unmappedOf(message: Hl7Message): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (place: string) => {
    counts[place] = (counts[place] ?? 0) + 1;
  };
  for (const segment of message.segments()) {
    if (ENVELOPE.has(segment.name)) continue;
    const mapped = mappedFields.get(segment.name);
    if (!mapped) count(segment.name);
    else {
      for (let number = 1; number <= segment.fieldCount; number += 1) {
        if (!mapped.has(number) && segment.field(number).state !== 'empty')
          count(`${segment.name}-${number}`);
      }
    }
  }
  return counts;
}
