import type { Device, Identifier, Location, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { type Datatype, firstOf, orNothing, present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { date } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { pl } from '../datatypes/pl.ts';
import { mention } from '../mention.ts';
import { type Patch, placeOf } from '../segment-map.ts';
import { roleOf } from './rol.ts';

const EVENT_LOCATION = 'http://hl7.org/fhir/StructureDefinition/event-location';

/** PRT behind OBX (v2-to-FHIR guide, PRT[PractitionerRole], PRT[Device], PRT[Observation-Location]): who, with what, and where. */
export function setParticipation(roles: readonly Segment[], context: MapContext, patch: Patch): void {
  const performers = roles.flatMap((role) => roleOf(role, context)?.party ?? []);
  if (performers.length > 0) patch.set['performer@PRT-5'] = performers;
  for (const prt of roles.filter(({ name }) => name === 'PRT')) {
    const device = deviceOf(prt, context);
    if (device && patch.set.device === undefined) patch.set.device = device;
    const place = attempt(context, placeOf(prt, 9), () => firstOf(prt.field(9), pl, context));
    if (place) patch.set[`extension[url=${EVENT_LOCATION}]`] = [locationExtension(place)];
  }
}

const locationExtension = (place: Reference<Location>) => ({ url: EVENT_LOCATION, valueReference: place });

/** The form of a UDI that people read (HRF): it begins with an application identifier in parentheses, a plus or an equals sign. */
const UDI = /^(?:\(\d{2}\)|[+=&])/;

/** PRT-10 and 16 to 22 → Device (v2-to-FHIR guide, PRT[Device]), mentioned: known by its number. */
function deviceOf(prt: Segment, context: MapContext): Reference<Device> | undefined {
  const read = <T>(field: number, datatype: Datatype<T>): T | undefined =>
    attempt(context, placeOf(prt, field), () => firstOf(prt.field(field), datatype, context));
  const text = (field: number) => orNothing(prt.field(field).component(1).trim());
  const own = read<Identifier>(10, ei());
  const udi = text(16) ?? (own?.value !== undefined && UDI.test(own.value) ? own.value : undefined);
  const number = own?.value ?? udi;
  if (number === undefined) return undefined;
  return mention(context, {
    type: 'Device',
    display: number,
    number: { authority: own?.system ?? '', value: number },
    set: {
      ...present<Device>({
        identifier: own && !UDI.test(number) ? [own] : undefined,
        udiCarrier: udi === undefined ? undefined : [{ carrierHRF: udi }],
        manufactureDate: read(17, date),
        expirationDate: read(18, date),
        lotNumber: text(19),
        serialNumber: text(20),
        distinctIdentifier: text(21),
        type: read(22, cwe()),
      }),
    },
  }) as Reference<Device>;
}
