import type { Identifier } from '@medplum/fhirtypes';
import type { Repetition, Segment } from '../../../standards/hl7v2/index.ts';
import { authorityScope, type RecordWrite, resourceId } from '../../record/index.ts';
import { authorityOf } from '../../source-patients/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { present } from '../convert.ts';
import { ei } from '../datatypes/ei.ts';
import { placeOf } from '../segment-map.ts';
import { serviceOf } from '../segments/resources.ts';
import { writeOf } from '../write.ts';
import type { Passing } from './passing.ts';

/**
 * SCH-26 and SCH-27: the orders that the appointment is for, mentioned in passing under the number by which their owner states them (v2-to-FHIR
 * guide, SCH[ServiceRequest], AIS[ServiceRequest]).
 */
export function ordersOfAppointment(sch: Segment, passing: Passing, context: MapContext): RecordWrite[] {
  const [placers, fillers] = [sch.field(26).repetitions, sch.field(27).repetitions];
  const services = context.message.segments('AIS');
  const count = Math.max(placers.length, fillers.length);
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const numbers = { placer: placers[index], filler: fillers[index] };
    // With as many services as orders, each is of one; one order is for the first.
    const service = services.length === count || count === 1 ? services[index] : undefined;
    return orderOf(sch, { ...numbers, service }, { passing, context }) ?? [];
  });
}

interface Parts {
  readonly placer: Repetition | undefined;
  readonly filler: Repetition | undefined;
  readonly service: Segment | undefined;
}

function orderOf(
  sch: Segment,
  { placer, filler, service }: Parts,
  { passing, context }: { passing: Passing; context: MapContext },
): RecordWrite | undefined {
  const known = numberOf(placer, 'placer', context) ?? numberOf(filler, 'filler', context);
  if (!known) return undefined;
  const read = (value: Repetition | undefined, field: number, type: string): Identifier | undefined =>
    value && attempt(context, placeOf(sch, field), () => ei(type)(value, context));
  const [placed, filled] = [read(placer, 26, 'PLAC'), read(filler, 27, 'FILL')];
  const code = service && serviceOf(service, context);
  const set = {
    subject: passing.common.subject,
    ...(placed ? { 'identifier@ORC-2': [placed] } : {}),
    ...(filled ? { 'identifier@ORC-3': [filled] } : {}),
    ...present<object>({ code }),
  };
  return writeOf(context, {
    type: 'ServiceRequest',
    id: resourceId('ServiceRequest', known.scope, known.key),
    key: known.key,
    patient: passing.patient,
    patch: { set, remove: [] },
    initial: { status: 'unknown', intent: 'order' },
    copy: true,
  });
}

/** As the order itself is known by (oru-keys.ts). */
function numberOf(value: Repetition | undefined, kind: string, context: MapContext) {
  const number = value?.component(1).trim() ?? '';
  if (!value || number === '') return undefined;
  const authority = authorityOf(
    { namespace: value.component(2), universalId: value.component(3) },
    context.authorities,
  );
  return { scope: authority === '' ? context.system : authorityScope(authority), key: `${kind}|${number}` };
}
