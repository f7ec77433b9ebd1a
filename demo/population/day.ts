import { clinicians } from './clinicians.ts';
import type { HospitalEvent, Moment, Stay } from './events.ts';
import { correct, measure, panels } from './labs.ts';
import { type CalendarDate, createPatients, moveHouse, type Patient } from './patients.ts';
import { type Random, randomFor } from './random.ts';

export interface Day {
  readonly date: CalendarDate;
  /** In the order in which they happen. */
  readonly events: readonly HospitalEvent[];
}

export interface PopulationOptions {
  /** Everything follows from it. */
  readonly seed: number;
  readonly firstDate: CalendarDate;
  readonly patients?: number;
}

const minute = 60;
const hour = 60 * minute;
const opens = 7 * hour;

const diagnoses = ['I10', 'E11.9', 'J06.9', 'J45.909', 'M54.50', 'R51.9', 'K21.9', 'N39.0'] as const;

/** Day after day, without end. What changed about a patient on one day is true on the next. */
export function* createDays(options: PopulationOptions): Generator<Day, never> {
  let patients = createPatients(options.seed, options.patients ?? 120);
  for (let date = options.firstDate; ; date = nextDate(date)) {
    const stories = patients.map((patient, index) => tellStory({ seed: options.seed, date, patient, index }));
    const events = stories.flat().sort(byTime);
    patients = patients.map((patient, index) => stories[index]?.at(-1)?.patient ?? patient);
    yield { date, events };
  }
}

interface Subject {
  readonly seed: number;
  readonly date: CalendarDate;
  readonly patient: Patient;
  readonly index: number;
}

/** A patient's day: a virtual visit, a day on a ward, or a visit to the laboratory. */
function tellStory(subject: Subject): HospitalEvent[] {
  const random = randomFor(subject.seed, subject.date, subject.patient.mrn);
  const share = random.between(1, 100);
  if (share <= 55) return virtualVisit(subject, random);
  return share <= 75 ? wardDay(subject, random) : laboratoryVisit(subject, random);
}

function virtualVisit(subject: Subject, random: Random): HospitalEvent[] {
  const start = opens + random.between(0, 9 * hour);
  const diary = openDiary(subject, random, { start, patientClass: 'O', unit: 'TELE' });
  diary.write({ kind: 'registered' }, 0);
  const bookedAfter = random.between(1, 6) * minute;
  const slot =
    Math.ceil((start + bookedAfter + random.between(40, 150) * minute) / (15 * minute)) * 15 * minute;
  diary.write(
    {
      kind: 'booked',
      appointmentNumber: `A${diary.suffix}`,
      clinician: random.pick(clinicians),
      startsAt: { date: subject.date, secondOfDay: slot },
      durationMinutes: random.pick([15, 20, 30]),
    },
    bookedAfter,
  );
  if (random.chance(0.7)) diary.results(random.between(8, 35) * minute, 1);
  if (random.chance(0.25)) diary.write({ kind: 'updated' }, random.between(36, 39) * minute);
  return diary.close();
}

function wardDay(subject: Subject, random: Random): HospitalEvent[] {
  const start = opens + random.between(0, 5 * hour);
  const diary = openDiary(subject, random, {
    start,
    patientClass: 'I',
    unit: random.pick(['2W', '3N', '4E']),
  });
  diary.write({ kind: 'admitted' }, 0);
  const rounds = random.between(1, 3);
  for (let round = 1; round <= rounds; round += 1)
    diary.results(round * hour + random.between(0, 50) * minute, round);
  if (random.chance(0.3)) diary.write({ kind: 'updated' }, 4 * hour + random.between(0, 20) * minute);
  diary.write({ kind: 'discharged' }, 5 * hour + random.between(0, 3 * hour));
  return diary.close();
}

function laboratoryVisit(subject: Subject, random: Random): HospitalEvent[] {
  const start = opens + random.between(0, 9 * hour);
  const diary = openDiary(subject, random, { start, patientClass: 'O', unit: 'LAB' });
  diary.write({ kind: 'registered' }, 0);
  diary.results(random.between(20, 60) * minute, 1);
  return diary.close();
}

type Entry =
  | { kind: 'registered' | 'admitted' | 'updated' | 'discharged' }
  | Omit<Extract<HospitalEvent, { kind: 'booked' }>, 'at' | 'patient' | 'stay'>
  | Omit<Extract<HospitalEvent, { kind: 'resulted' }>, 'at' | 'patient' | 'stay'>;

interface Opening {
  /** Second of the day. */
  readonly start: number;
  readonly patientClass: Stay['patientClass'];
  readonly unit: string;
}

function openDiary(subject: Subject, random: Random, opening: Opening) {
  const suffix = `${subject.seed}-${subject.date.slice(2).replaceAll('-', '')}-${String(subject.index + 1).padStart(4, '0')}`;
  const moment = (afterSeconds: number): Moment => ({
    date: subject.date,
    secondOfDay: opening.start + Math.floor(afterSeconds),
  });
  const stay: Stay = {
    visitNumber: `V${suffix}`,
    patientClass: opening.patientClass,
    unit: opening.unit,
    room: opening.patientClass === 'I' ? String(random.between(1, 24)) : '',
    bed: opening.patientClass === 'I' ? random.pick(['A', 'B']) : '',
    attending: random.pick(clinicians),
    startedAt: moment(0),
    diagnosis: random.pick(diagnoses),
  };
  const written: { entry: Entry; afterSeconds: number }[] = [];
  const write = (entry: Entry, afterSeconds: number): void => void written.push({ entry, afterSeconds });
  return {
    suffix,
    write,
    /** In the order of time; from a move on, every event carries the new address. */
    close(): HospitalEvent[] {
      let patient = subject.patient;
      written.sort((a, b) => a.afterSeconds - b.afterSeconds);
      return written.map(({ entry, afterSeconds }) => {
        if (entry.kind === 'updated') patient = moveHouse(patient, random);
        return { ...entry, at: moment(afterSeconds), patient, stay };
      });
    },
    /** A panel, measured and reported; one in eight is corrected within the hour. */
    results(afterSeconds: number, round: number): void {
      const panel = random.pick(panels);
      const numbers = { orderNumber: `O${suffix}-${round}`, fillerNumber: `L${suffix}-${round}` };
      const collectedAt = moment(afterSeconds / 2);
      const measurements = measure(panel, random);
      write({ kind: 'resulted', ...numbers, panel, measurements, collectedAt, status: 'F' }, afterSeconds);
      if (!random.chance(0.125)) return;
      const corrected = correct(panel, measurements, random);
      const later = afterSeconds + random.between(5, 9) * minute;
      write(
        { kind: 'resulted', ...numbers, panel, measurements: corrected, collectedAt, status: 'C' },
        later,
      );
    },
  };
}

/** By time; at the same second by patient, so that the order never depends on the sort. */
function byTime(a: HospitalEvent, b: HospitalEvent): number {
  return a.at.secondOfDay - b.at.secondOfDay || (a.stay.visitNumber < b.stay.visitNumber ? -1 : 1);
}

function nextDate(date: CalendarDate): CalendarDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 24 * hour * 1000).toISOString().slice(0, 10);
}
