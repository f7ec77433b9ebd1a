import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { PATIENT_SEGMENTS } from './order-people.ts';

/**
 * ORU_R01, ORM_O01, OML_O21 and OMG_O19 as their groups (2.5.1 chapters 4 and 7), read leniently: what is missing is undefined, what is
 * unknown is passed over.
 */
export interface PatientGroup {
  readonly pid: Segment | undefined;
  pv1: Segment | undefined;
  pv2: Segment | undefined;
  readonly orders: OrderGroup[];
  /** What else is said of the patient (order-people.ts). */
  readonly others?: Segment[];
  /** ROL and PRT behind PID, and behind PV1. */
  roles?: Segment[];
  readonly visit?: WithRoles;
}

/** What ROL and PRT may follow. */
interface WithRoles {
  roles?: Segment[];
}

/** ORC and what follows it; at least one of `orc`, `obr` and `other` is there. */
export interface OrderGroup {
  readonly orc: Segment | undefined;
  obr: Segment | undefined;
  /** The detail of an order that is no observation: a drug, a diet, a supply. */
  other: Segment | undefined;
  readonly timings: Segment[];
  readonly diagnoses: Segment[];
  /** NTE after OBR, before any OBX: they are about the order. */
  readonly notes: Segment[];
  readonly results: Result[];
  readonly specimens: SpecimenGroup[];
  /** ROL and PRT behind ORC and OBR. */
  roles?: Segment[];
}

/** An order of which only the ORC is known, if that: a fresh one each time, because what follows is put into it. */
export const emptyOrder = (orc?: Segment): OrderGroup => ({
  orc,
  obr: undefined,
  other: undefined,
  timings: [],
  diagnoses: [],
  notes: [],
  results: [],
  specimens: [],
});

/** An OBX with its notes, and who had a part in it (PRT). */
export interface Result {
  readonly obx: Segment;
  readonly notes: Segment[];
  roles?: Segment[];
}

export interface SpecimenGroup {
  readonly spm: Segment;
  readonly notes: Segment[];
  /** What was observed of the specimen itself. */
  readonly results: Result[];
}

export interface Groups {
  readonly patients: PatientGroup[];
  /** OBX and SPM before any order, a second PV1 or PV2, and notes of what is not read: they belong to nothing. */
  readonly strays: readonly Segment[];
}

/** Order details of ORM_O01 other than OBR. */
const OTHER_DETAILS: ReadonlySet<string> = new Set(['RQD', 'RQ1', 'RXO', 'RXE', 'ODS', 'ODT']);

export function groupsOf(message: Hl7Message): Groups {
  const reader = new GroupReader();
  for (const segment of message.segments()) reader.take(segment);
  return { patients: reader.patients, strays: reader.strays };
}

class GroupReader {
  readonly patients: PatientGroup[] = [];
  readonly strays: Segment[] = [];
  #order: OrderGroup | undefined;
  /** Where the next NTE belongs. */
  #notes: Segment[] | undefined;
  #specimen: SpecimenGroup | undefined;
  /** Whom the next ROL or PRT is about. */
  #owner: WithRoles | undefined;

  take(segment: Segment): void {
    const { name } = segment;
    // What follows a document or a charge is noted of that.
    if (name === 'TXA' || name === 'FT1') this.#notes = [];
    if (name === 'PID') this.#beginPatient(segment);
    else if (name === 'PV1') this.#once('pv1', segment);
    else if (name === 'PV2') this.#once('pv2', segment);
    else if (name === 'ORC') this.#beginOrder(segment);
    else if (name === 'OBR') this.#detail(segment);
    else if (OTHER_DETAILS.has(name)) this.#otherDetail(segment);
    else if (name === 'OBX') this.#result(segment);
    else if (name === 'NTE') (this.#notes ?? this.strays).push(segment);
    else if (name === 'SPM') this.#beginSpecimen(segment);
    else if (name === 'TQ1') this.#order?.timings.push(segment);
    else if (name === 'DG1') this.#order?.diagnoses.push(segment);
    else if (name === 'PRT' || name === 'ROL') this.#role(segment);
    else if (PATIENT_SEGMENTS.has(name)) this.#patient().others?.push(segment);
  }

  /** What may stand once and stands twice is found, and the first taken. */
  #once(name: 'pv1' | 'pv2', segment: Segment): void {
    const patient = this.#patient();
    if (patient[name]) this.strays.push(segment);
    patient[name] ??= segment;
    this.#owner = patient.visit;
  }

  #role(segment: Segment): void {
    const owner = this.#owner;
    if (owner) owner.roles = [...(owner.roles ?? []), segment];
    else this.strays.push(segment);
  }

  #patient(): PatientGroup {
    return this.patients.at(-1) ?? this.#beginPatient(undefined);
  }

  #beginPatient(pid: Segment | undefined): PatientGroup {
    const patient: PatientGroup = { pid, pv1: undefined, pv2: undefined, orders: [], others: [], visit: {} };
    this.patients.push(patient);
    this.#owner = patient;
    this.#order = undefined;
    this.#notes = undefined;
    this.#specimen = undefined;
    return patient;
  }

  #beginOrder(orc: Segment | undefined): OrderGroup {
    const order = emptyOrder(orc);
    this.#patient().orders.push(order);
    this.#order = order;
    this.#owner = order;
    this.#notes = order.notes;
    this.#specimen = undefined;
    return order;
  }

  /** An OBR without an ORC of its own is an order by itself. */
  #detail(obr: Segment): void {
    const open = this.#order;
    const order = open && !open.obr && !open.other ? open : this.#beginOrder(undefined);
    order.obr = obr;
    this.#owner = order;
    this.#notes = order.notes;
  }

  #otherDetail(segment: Segment): void {
    const order = this.#order ?? this.#beginOrder(undefined);
    order.other ??= segment;
  }

  #result(obx: Segment): void {
    const order = this.#order;
    if (!order) {
      this.strays.push(obx);
      this.#notes = undefined;
      return;
    }
    const result: Result = { obx, notes: [] };
    // SPM follows the results of its order (2.5.1, 7.3.1): what comes after it is about the specimen. Senders who put it first mean results.
    const about = order.results.length > 0 ? this.#specimen : undefined;
    (about ?? order).results.push(result);
    this.#owner = result;
    this.#notes = result.notes;
  }

  #beginSpecimen(spm: Segment): void {
    if (!this.#order) {
      this.strays.push(spm);
      return;
    }
    this.#specimen = { spm, notes: [], results: [] };
    this.#owner = undefined;
    this.#order.specimens.push(this.#specimen);
    this.#notes = this.#specimen.notes;
  }
}

const ONCE = 'once for a patient';
const RULES: Readonly<Record<string, string>> = { OBX: 'an OBX follows an OBR', PV1: ONCE, PV2: ONCE };

/** What stands where nothing can be made of it is found, and the rest of the message taken. */
export function findStrays(strays: readonly Segment[], context: MapContext): void {
  for (const { name, occurrence } of strays)
    context.findings.push({
      place: `${name}^${occurrence}`,
      rule: RULES[name] ?? `${name} follows an order`,
    });
}
