import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';

/** What an ADT says of one patient, by kind of segment, read leniently: the order of the groups does not matter, except whom a role follows. */
export interface AdtGroup {
  readonly pid: Segment;
  pd1: Segment | undefined;
  pv1: Segment | undefined;
  pv2: Segment | undefined;
  /** ROL and PRT behind PID, behind PV1, and behind each PR1. Those behind IN1 are not read. */
  readonly patientRoles: Segment[];
  readonly visitRoles: Segment[];
  readonly procedureRoles: Map<Segment, Segment[]>;
  readonly nextOfKin: Segment[];
  readonly observations: { readonly obx: Segment; readonly notes: Segment[] }[];
  /** AL1 and IAM. */
  readonly allergies: Segment[];
  readonly reactions: Segment[];
  readonly diagnoses: Segment[];
  readonly procedures: Segment[];
  readonly guarantors: Segment[];
  readonly insurances: { readonly in1: Segment; in2: Segment | undefined }[];
}

const groupOf = (pid: Segment): AdtGroup => ({
  pid,
  pd1: undefined,
  pv1: undefined,
  pv2: undefined,
  patientRoles: [],
  visitRoles: [],
  procedureRoles: new Map(),
  nextOfKin: [],
  observations: [],
  allergies: [],
  reactions: [],
  diagnoses: [],
  procedures: [],
  guarantors: [],
  insurances: [],
});

/** Adds a segment to its group; true when it was of no use there. */
type Reader = (group: AdtGroup, segment: Segment) => boolean | undefined;

const readers: Readonly<Record<string, Reader>> = {
  PD1: (group, segment) => once(group, 'pd1', segment),
  PV1: (group, segment) => once(group, 'pv1', segment),
  PV2: (group, segment) => once(group, 'pv2', segment),
  NK1: (group, segment) => void group.nextOfKin.push(segment),
  OBX: (group, segment) => void group.observations.push({ obx: segment, notes: [] }),
  NTE: (group, segment) => void group.observations.at(-1)?.notes.push(segment),
  AL1: (group, segment) => void group.allergies.push(segment),
  IAM: (group, segment) => void group.reactions.push(segment),
  DG1: (group, segment) => void group.diagnoses.push(segment),
  PR1: (group, segment) => void group.procedures.push(segment),
  GT1: (group, segment) => void group.guarantors.push(segment),
  IN1: (group, segment) => void group.insurances.push({ in1: segment, in2: undefined }),
  IN2: (group, segment) => {
    const insurance = group.insurances.at(-1);
    if (insurance) insurance.in2 ??= segment;
    return insurance === undefined;
  },
};

function once(group: AdtGroup, name: 'pd1' | 'pv1' | 'pv2', segment: Segment): boolean {
  const isSecond = group[name] !== undefined;
  group[name] ??= segment;
  return isSecond;
}

/** One group for each PID: A17 has two. What can't be used where it stands is a finding. */
export function adtGroups(message: Hl7Message, context: MapContext): AdtGroup[] {
  const groups: AdtGroup[] = [];
  /** The segment that a ROL or PRT follows. */
  let owner = '';
  for (const segment of message.segments()) {
    const { name } = segment;
    const group = groups.at(-1);
    if (name === 'PID') groups.push(groupOf(segment));
    else if (group && (name === 'ROL' || name === 'PRT')) readRole(group, segment, owner);
    else if (group && readers[name]?.(group, segment)) misplaced(segment, context);
    if (name === 'PID' || name === 'PV1' || readers[name]) owner = name;
  }
  return groups;
}

function readRole(group: AdtGroup, segment: Segment, owner: string): void {
  if (owner === 'PID' || owner === 'PD1') group.patientRoles.push(segment);
  else if (owner === 'PV1' || owner === 'PV2') group.visitRoles.push(segment);
  else if (owner === 'PR1') readPerformer(group, segment);
}

function readPerformer({ procedures, procedureRoles }: AdtGroup, segment: Segment): void {
  const pr1 = procedures.at(-1);
  if (pr1) procedureRoles.set(pr1, [...(procedureRoles.get(pr1) ?? []), segment]);
}

const misplaced = ({ name, occurrence }: Segment, context: MapContext): void =>
  void context.findings.push({
    place: `${name}^${occurrence}`,
    rule: 'once for a patient, behind what it belongs to',
  });
