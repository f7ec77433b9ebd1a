import type { Hl7Message } from '../../standards/hl7v2/index.ts';
import { al1 } from './segments/al1.ts';
import { dg1Condition } from './segments/dg1-condition.ts';
import { gt1 } from './segments/gt1.ts';
import { iam } from './segments/iam.ts';
import { in1Coverage, in2Coverage } from './segments/in1-coverage.ts';
import { in1Subscriber, in2Subscriber } from './segments/in1-subscriber.ts';
import { nk1Contact } from './segments/nk1-contact.ts';
import { nk1RelatedPerson } from './segments/nk1-related-person.ts';
import { obr } from './segments/obr.ts';
import { obrServiceRequest } from './segments/obr-service-request.ts';
import { obrSpecimen } from './segments/obr-specimen.ts';
import { obx } from './segments/obx.ts';
import { orcDiagnosticReport } from './segments/orc-diagnostic-report.ts';
import { orcServiceRequest } from './segments/orc-service-request.ts';
import { pd1 } from './segments/pd1.ts';
import { pid } from './segments/pid.ts';
import { pr1 } from './segments/pr1.ts';
import { pv1 } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { resourceSegments, serviceTiming } from './segments/resources.ts';
import { roleSegments } from './segments/rol.ts';
import { sch } from './segments/sch.ts';
import { spm } from './segments/spm.ts';
import { tq1ServiceRequest } from './segments/tq1-service-request.ts';

/** The tables of all segments; several are of one segment, each for a resource of its own. */
const tables = [
  pid,
  pv1,
  pv2,
  pd1,
  nk1Contact,
  nk1RelatedPerson,
  al1,
  iam,
  dg1Condition,
  pr1,
  gt1,
  in1Coverage,
  in1Subscriber,
  in2Coverage,
  in2Subscriber,
  obr,
  obrServiceRequest,
  obrSpecimen,
  orcDiagnosticReport,
  orcServiceRequest,
  obx,
  sch,
  spm,
  tq1ServiceRequest,
].map((map) => ({
  segment: map.segment,
  fields: [...map.rows.flatMap(({ field, with: others = [] }) => [field, ...others]), ...map.elsewhere],
}));

const booked = [
  ...resourceSegments.map((kind) => ({ ...kind, extra: [2, kind.role] })),
  { ...serviceTiming, extra: [] },
].map(({ segment, start, duration, extra }) => ({
  segment,
  fields: [1, 3, start, duration, duration + 1, ...extra],
}));

/** Read without a table. */
const others = [
  { segment: 'EVN', fields: [1, 2] },
  ...roleSegments,
  { segment: 'NTE', fields: [1, 2, 3, 5, 6] },
];

/** Fields that something reads, by segment. */
const mappedFields: ReadonlyMap<string, ReadonlySet<number>> = unionBySegment([
  ...tables,
  ...booked,
  ...others,
]);

function unionBySegment(
  read: readonly { readonly segment: string; readonly fields: readonly number[] }[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const union = new Map<string, Set<number>>();
  for (const { segment, fields } of read)
    union.set(segment, new Set([...(union.get(segment) ?? []), ...fields]));
  return union;
}

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
