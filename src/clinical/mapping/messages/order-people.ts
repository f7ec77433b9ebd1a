import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { emptyPatch, mapSegment, type Patch } from '../segment-map.ts';
import { pd1 as pd1Map } from '../segments/pd1.ts';
import type { About } from './about.ts';
import { accountWrites } from './adt-account.ts';
import { allergyWrites } from './adt-allergies.ts';
import { insuranceWrites } from './adt-insurance.ts';
import { kinWrites, motherWrites } from './adt-people.ts';

/** What stands beside PID in orders and results: PD1, NK1, AL1, GT1, IN1 and IN2, and what an order costs (FT1). */
export const PATIENT_SEGMENTS: ReadonlySet<string> = new Set([
  'PD1',
  'NK1',
  'AL1',
  'GT1',
  'IN1',
  'IN2',
  'FT1',
]);

/**
 * The patient's relatives, allergies, coverages and account as an order or a result names them: in passing, so copies, which complete what the
 * registration stated; and no snapshot, because what is not named here has not gone.
 */
export function namedWithPatient(
  segments: readonly Segment[],
  about: About & { readonly pid: Segment },
  context: MapContext,
): { readonly writes: RecordWrite[]; readonly more: Patch } {
  if (segments.length === 0 && isPlain(about.pid)) return { writes: [], more: emptyPatch() };
  const named = (name: string) => segments.filter((segment) => segment.name === name);
  const more = emptyPatch();
  for (const pd1 of named('PD1').slice(0, 1)) mapSegment(pd1Map, pd1, context, more);
  const kin = kinWrites(named('NK1'), about, context);
  Object.assign(more.set, kin.contact.set);
  const insured = insuranceWrites(insurancesIn(segments), about, context);
  const guarantors = named('GT1');
  const account = accountWrites({ pid: about.pid, guarantors, coverages: insured.coverages }, about, context);
  const writes = [
    ...kin.writes,
    ...motherWrites(about.pid, about, context),
    ...allergyWrites(named('AL1'), about, context),
    ...insured.writes,
    ...account.writes,
  ];
  const copies = writes.filter(({ type }) => type !== 'List').map((write) => ({ ...write, copy: true }));
  return { writes: copies, more };
}

/** Neither an account (PID-18) nor a mother (PID-21). */
const isPlain = (pid: Segment): boolean =>
  pid.fieldCount < 18 || (pid.field(18).state !== 'valued' && pid.field(21).state !== 'valued');

function insurancesIn(segments: readonly Segment[]): { in1: Segment; in2: Segment | undefined }[] {
  const insurances: { in1: Segment; in2: Segment | undefined }[] = [];
  for (const segment of segments) {
    const open = insurances.at(-1);
    if (segment.name === 'IN1') insurances.push({ in1: segment, in2: undefined });
    else if (segment.name === 'IN2' && open) open.in2 ??= segment;
  }
  return insurances;
}
