import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';

/** ORU_R01 as its groups (2.5.1 chapter 7), read leniently: what is missing is undefined, what is unknown is passed over. */
export interface PatientResult {
  readonly pid: Segment | undefined;
  pv1: Segment | undefined;
  readonly orders: OrderResult[];
}
export interface OrderResult {
  readonly orc: Segment | undefined;
  readonly obr: Segment;
  readonly results: { readonly obx: Segment; readonly notes: Segment[] }[];
}

export interface OruGroups {
  readonly patients: PatientResult[];
  /** OBX before any OBR: they belong to nothing. */
  readonly strays: readonly Segment[];
}

export function oruGroups(message: Hl7Message): OruGroups {
  const patients: PatientResult[] = [];
  const strays: Segment[] = [];
  let orc: Segment | undefined;
  const patient = (): PatientResult => patients.at(-1) ?? begin(undefined);
  const begin = (pid: Segment | undefined): PatientResult => {
    const fresh = { pid, pv1: undefined, orders: [] };
    patients.push(fresh);
    return fresh;
  };
  for (const segment of message.segments()) {
    if (segment.name === 'PID') {
      begin(segment);
      orc = undefined;
    } else if (segment.name === 'PV1') patient().pv1 = segment;
    else if (segment.name === 'ORC') orc = segment;
    else if (segment.name === 'OBR') {
      patient().orders.push({ orc, obr: segment, results: [] });
      orc = undefined;
    } else if (segment.name === 'OBX') {
      const order = patient().orders.at(-1);
      if (order) order.results.push({ obx: segment, notes: [] });
      else strays.push(segment);
    } else if (segment.name === 'NTE') patient().orders.at(-1)?.results.at(-1)?.notes.push(segment);
  }
  return { patients, strays };
}
