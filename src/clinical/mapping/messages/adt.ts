import type { Encounter } from '@medplum/fhirtypes';
import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { emptyPatch, type Patch } from '../segment-map.ts';
import { encounterWriteOf, noVisitKey, visitKeyOf } from './encounter.ts';
import { patientOf, patientWriteOf } from './patient.ts';

interface AdtEvent {
  /** What the event makes of the visit. Without it the event says nothing of the status: an A08 after an A03 does not reopen a visit. */
  readonly status?: Encounter['status'];
  /** What it takes back. */
  readonly removes?: readonly string[];
  /** The event is about the person, not about a visit. */
  readonly personOnly?: boolean;
}

/** 2.5.1 chapter 3. Merges, moves and links (A17, A18, A24, A30, A34-A51) are not states of a patient: clinical/identity. */
const events: Readonly<Record<string, AdtEvent>> = {
  A01: { status: 'in-progress' },
  A02: {},
  A03: { status: 'finished' },
  A04: { status: 'in-progress' },
  A05: { status: 'planned' },
  A06: { status: 'in-progress' },
  A07: { status: 'in-progress' },
  A08: {},
  A10: { status: 'arrived' },
  A11: { status: 'cancelled' },
  A13: { status: 'in-progress', removes: ['period.end', 'hospitalization.dischargeDisposition'] },
  A14: { status: 'planned' },
  A21: { status: 'onleave' },
  A22: { status: 'in-progress' },
  A27: { status: 'cancelled' },
  A28: { personOnly: true },
  A31: { personOnly: true },
  A38: { status: 'cancelled' },
};

/** Events that `mapAdt` takes: `A01` … */
export const adtEvents: readonly string[] = Object.keys(events);

/** ADT: the patient as stated by who registers them, and the visit. */
export function mapAdt(context: MapContext): RecordWrite[] {
  const { message } = context;
  const event = events[message.header.triggerEvent] ?? {};
  const pid = message.segment('PID');
  const patient = patientOf(pid, context);
  if (!pid || !patient) return [];
  const writes = [patientWriteOf(pid, context, { patient, copy: false })];
  const pv1 = message.segment('PV1');
  if (!pv1 || event.personOnly) return writes;
  const segments = { pid, pv1, pv2: message.segment('PV2') };
  const visit = visitKeyOf(segments, patient, context);
  if (visit)
    writes.push(
      encounterWriteOf(segments, context, { patient, visit, copy: false, event: patchOf(event, context) }),
    );
  else noVisitKey(pv1, context);
  return writes;
}

/** A discharge time (PV1-45) says that a visit is over even where the event does not. */
function patchOf(event: AdtEvent, context: MapContext): Patch {
  const patch = emptyPatch();
  patch.remove.push(...(event.removes ?? []));
  const discharged = context.message.segment('PV1')?.field(45).state === 'valued';
  const status = event.status ?? (discharged ? 'finished' : undefined);
  if (status) patch.set.status = status;
  return patch;
}
