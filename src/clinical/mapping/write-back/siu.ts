import type {
  Appointment,
  AppointmentParticipant,
  CodeableConcept,
  Identifier,
  Reference,
} from '@medplum/fhirtypes';
import { fillerStatus } from '../tables.ts';
import { components, resolve, type WriteContext, type Writer } from './context.ts';
import { coded, cwe, inverse } from './datatypes/cwe.ts';
import { ei } from './datatypes/cx.ts';
import { dtm } from './datatypes/dtm.ts';
import { ofField } from './datatypes/marks.ts';
import { practitionerOf, xcnOf } from './datatypes/person.ts';
import { plOf } from './datatypes/pl.ts';
import { xad } from './datatypes/xad.ts';
import { xtnOf } from './datatypes/xtn.ts';
import { type Fields, from, fromEach } from './fields.ts';
import { each, one, profile } from './profile.ts';
import type { Related } from './render.ts';
import { type DiagnosisFacts, diagnoses } from './segments/dg1.ts';
import { notes } from './segments/nte.ts';
import { type ObservationFacts, observed } from './segments/observed.ts';
import { fillerOf, numberOf, placerOf } from './segments/order-numbers.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';

export interface BookingFacts extends PatientFacts, VisitOfFacts, ObservationFacts, DiagnosisFacts, Related {
  readonly appointment: Appointment;
  /** What happened: S12 booked, S13 moved, S14 changed, S15 cancelled, S26 not come. Without it the status says. */
  readonly event?: `S${number}`;
}

const EVENTS: Readonly<Record<string, string>> = {
  cancelled: 'S15',
  'entered-in-error': 'S17',
  noshow: 'S26',
};
const eventOf = ({ event, appointment }: BookingFacts): string =>
  event ?? EVENTS[appointment.status ?? ''] ?? 'S12';

/** 0278 Filler status; FHIR tells an arrival from an appointment that goes on. */
const status = coded('0278', {
  ...capitalized(inverse(fillerStatus)),
  proposed: 'Pending',
  arrived: 'Started',
});

/** As table 0278 writes them. */
function capitalized(codes: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(codes).map(([fhir, sent]) => [fhir, sent[0] + sent.slice(1).toLowerCase()]);
  return Object.fromEntries(entries);
}

/** Our own id stands for an appointment that nobody gave a number. */
function placer({ appointment }: BookingFacts) {
  const { identifier, id } = appointment;
  const given = numberOf(identifier, { fields: ['SCH-1'], type: 'PLAC' });
  return (
    given ??
    (filler(appointment) || id === undefined
      ? undefined
      : { system: 'urn:isthmus:authority:ISTHMUS', value: id })
  );
}
const filler = ({ identifier }: Appointment) => numberOf(identifier, { fields: ['SCH-2'], type: 'FILL' });

const startOf = ({ appointment }: BookingFacts): string | undefined => appointment.start;
const minutesOf = ({ start, end, minutesDuration }: Appointment): number | undefined =>
  minutesDuration ?? (start && end ? Math.round((Date.parse(end) - Date.parse(start)) / 60_000) : undefined);

/** What is booked, at what time of the appointment. */
interface Booked<T> {
  readonly item: T;
  readonly facts: BookingFacts;
}
const booked = <T>(facts: BookingFacts, items: readonly T[]): Booked<T>[] =>
  items.map((item) => ({ item, facts }));

const participants = (facts: BookingFacts, field: string, types: RegExp): Booked<AppointmentParticipant>[] =>
  booked(
    facts,
    ofField(facts.appointment.participant, field, ({ actor }) => types.test(actor?.reference ?? '')),
  );

/** Segment action code (0206). */
const action = ({ facts }: Booked<unknown>): string => (eventOf(facts) === 'S12' ? 'A' : 'U');
const number: Writer<number> = (value) => value;
const role = from(
  'Appointment.participant.type',
  ({ item }: Booked<AppointmentParticipant>) => item.type?.[0],
  cwe,
);

/** TQ: from when to when, in its fourth and fifth component. */
const timing = ({ appointment: { start, end } }: BookingFacts, context: WriteContext) =>
  start === undefined
    ? undefined
    : components(['', '', '', dtm(start, context) as string, end && (dtm(end, context) as string)]);

/** AIG-3 is a concept: a thing or a place by its numbers and names, and who is no resource by name. */
const named: Writer<Reference> = (reference, context) => {
  const device = resolve(context, reference, 'Device');
  const place = resolve(context, reference, 'Location');
  const numbers = (device ?? place)?.identifier ?? [];
  const names = device?.deviceName?.map(({ name }) => name) ?? [place?.name ?? reference.display];
  if (numbers.length === 0) return names[0] === undefined ? undefined : ['', names[0]];
  const coding = numbers.map(({ system, value: code = '' }, index) => {
    const isOurs = system === undefined || system.startsWith('urn:isthmus:resources:');
    const display = numbers.length === names.length || index === 0 ? names[index] : undefined;
    return {
      code,
      ...(isOurs ? {} : { system }),
      ...(display === undefined || display === code ? {} : { display }),
    };
  });
  return cwe({ coding }, context);
};

/** 0278, for what is not sure yet or does not take place. */
const answers: Readonly<Record<string, string>> = {
  tentative: 'Pending',
  declined: 'Cancelled',
  'needs-action': 'Pending',
};

/** When a resource is booked for, where that is not as the appointment; its role; whether it is sure. */
const resourceFields = (at: {
  start: number;
  duration: number;
  status: number;
}): Fields<Booked<AppointmentParticipant>> => ({
  2: action,
  4: role,
  [at.start]: from(
    'Appointment.participant.period.start',
    ({ item }: Booked<AppointmentParticipant>) => item.period?.start,
    dtm,
  ),
  [at.duration]: from(
    'Appointment.participant.period',
    ({ item }: Booked<AppointmentParticipant>) => minutesIn(item),
    number,
  ),
  [at.duration + 1]: ({ item }: Booked<AppointmentParticipant>) =>
    minutesIn(item) === undefined ? undefined : ['min', 'minute', 'UCUM'],
  [at.status]: ({ item }: Booked<AppointmentParticipant>) => answers[item.status ?? ''],
});
const minutesIn = ({ period: { start, end } = {} }: AppointmentParticipant): number | undefined =>
  start && end ? Math.round((Date.parse(end) - Date.parse(start)) / 60_000) : undefined;

/** The orders that it is for, by their numbers. */
const orderNumbers =
  (of: typeof placerOf) =>
  ({ appointment: { basedOn = [] } }: BookingFacts, context: WriteContext): Identifier[] =>
    basedOn.flatMap((reference) => of(resolve(context, reference, 'ServiceRequest')?.identifier) ?? []);

/** Who is asked, or entered it: for information alone. */
function asked({ appointment }: BookingFacts, field: string, code: string): Reference[] {
  const isOf = ({ type = [] }: AppointmentParticipant) =>
    type.some(({ coding = [] }) => coding.some((one) => one.code === code));
  return ofField(appointment.participant, field, isOf).flatMap(({ actor }) => actor ?? []);
}
const contacts = (field: string, code: string) =>
  fromEach(
    `Appointment.participant from ${field}`,
    (facts: BookingFacts) => asked(facts, field, code),
    xcnOf,
  );
/** Their telephones and addresses, of all that the field names. */
const reached = (field: string, code: string) => (facts: BookingFacts, context: WriteContext) =>
  practitionerOf(asked(facts, field, code)[0], context);
const contactsTelecom = (field: string, code: string) =>
  fromEach(
    'Practitioner.telecom',
    (facts: BookingFacts, context) => reached(field, code)(facts, context)?.telecom,
    xtnOf('work'),
  );
const contactsAddress = (field: string, code: string) =>
  fromEach(
    'Practitioner.address',
    (facts: BookingFacts, context) => reached(field, code)(facts, context)?.address,
    xad,
  );

/**
 * SIU^S12 to S26, schedule information (2.5.1, 10.4): the appointment, whom it is for, and with whom, where and what for. Start and length stand in
 * SCH-11 and with each resource.
 */
export const bookings = profile<BookingFacts>()({
  message: (facts) => `SIU^${eventOf(facts)}`,
  parts: {
    SCH: one<BookingFacts>('SCH', {
      1: from('Appointment.identifier of the placer', placer, ei),
      2: from('Appointment.identifier of the filler', ({ appointment }) => filler(appointment), ei),
      6: from('Appointment.cancelationReason', ({ appointment }) => appointment.cancelationReason, cwe),
      7: from(
        'Appointment.reasonCode',
        ({ appointment }) => ofField(appointment.reasonCode, 'SCH-7', () => true)[0],
        cwe,
      ),
      8: from('Appointment.appointmentType', ({ appointment }) => appointment.appointmentType, cwe),
      9: from('Appointment.minutesDuration', ({ appointment }) => minutesOf(appointment), number),
      10: ({ appointment }) => (minutesOf(appointment) === undefined ? undefined : ['min', 'minute', 'UCUM']),
      11: { from: 'Appointment.start, Appointment.end', write: timing },
      12: contacts('SCH-12', ''),
      13: contactsTelecom('SCH-12', ''),
      14: contactsAddress('SCH-12', ''),
      16: contacts('SCH-16', 'CALLBCK'),
      17: contactsTelecom('SCH-16', 'CALLBCK'),
      18: contactsAddress('SCH-16', 'CALLBCK'),
      20: contacts('SCH-20', 'ENT'),
      21: contactsTelecom('SCH-20', 'ENT'),
      25: from('Appointment.status', ({ appointment }) => appointment.status, status),
      26: fromEach('Appointment.basedOn, the placer', orderNumbers(placerOf), ei),
      27: fromEach('Appointment.basedOn, the filler', orderNumbers(fillerOf), ei),
    }),
    NTE: notes<BookingFacts>(({ appointment: { comment } }) =>
      comment === undefined ? [] : [{ text: comment }],
    ),
    PID: pid<BookingFacts>(),
    PD1: pd1<BookingFacts>(),
    PV1: pv1<BookingFacts>(),
    PV2: pv2<BookingFacts>(),
    OBX: observed<BookingFacts>(({ observations = [] }) => observations),
    DG1: diagnoses<BookingFacts>(),
    RGS: one<BookingFacts>('RGS', { 1: 1, 2: (facts) => action({ facts, item: undefined }) }),
    AIS: each<BookingFacts, Booked<CodeableConcept>>(
      'AIS',
      (facts) => booked(facts, facts.appointment.serviceType ?? []),
      {
        2: action,
        3: from('Appointment.serviceType', ({ item }) => item, cwe),
        4: from('Appointment.start', ({ facts }) => startOf(facts), dtm),
        7: from('Appointment.minutesDuration', ({ facts }) => minutesOf(facts.appointment), number),
        8: ({ facts }) =>
          minutesOf(facts.appointment) === undefined ? undefined : ['min', 'minute', 'UCUM'],
      },
    ),
    AIG: each<BookingFacts, Booked<AppointmentParticipant>>(
      'AIG',
      (facts) => participants(facts, 'AIG-3', /^(Device|HealthcareService)\//),
      {
        ...resourceFields({ start: 8, duration: 11, status: 14 }),
        3: from('Appointment.participant.actor', ({ item }) => item.actor, named),
      },
    ),
    AIL: each<BookingFacts, Booked<AppointmentParticipant>>(
      'AIL',
      (facts) => participants(facts, 'AIL-3', /^Location\//),
      {
        ...resourceFields({ start: 6, duration: 9, status: 12 }),
        3: from('Appointment.participant.actor(Location)', ({ item }) => item.actor, plOf),
      },
    ),
    AIP: each<BookingFacts, Booked<AppointmentParticipant>>(
      'AIP',
      (facts) => participants(facts, 'AIP-3', /^Practitioner(Role)?\//),
      {
        ...resourceFields({ start: 6, duration: 9, status: 12 }),
        3: from('Appointment.participant.actor(Practitioner)', ({ item }) => item.actor, xcnOf),
      },
    ),
  },
});
