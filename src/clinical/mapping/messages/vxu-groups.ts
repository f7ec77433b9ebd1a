import type { Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import type { Result } from './oru-groups.ts';

/** RXA with its order, its route and what was observed with it. */
export interface Vaccination {
  readonly orc: Segment | undefined;
  readonly rxa: Segment;
  rxr: Segment | undefined;
  readonly results: Result[];
  /** PRT behind ORC. */
  readonly roles: readonly Segment[];
}

interface VaccinationGroups {
  readonly vaccinations: readonly Vaccination[];
  /** OBX before any order: of the patient. */
  readonly ofPatient: readonly Result[];
}

/** VXU_V04 (2.5.1, 4.17.6), read leniently: an RXA without ORC is a vaccination; an ORC without RXA is none, which is a finding. */
export function vaccinationsOf(message: Hl7Message, context: MapContext): VaccinationGroups {
  const vaccinations: Vaccination[] = [];
  const ofPatient: Result[] = [];
  let orc: Segment | undefined;
  /** Results that came between an ORC and its RXA belong to it. */
  let waiting: Result[] = [];
  let last: Result | undefined;
  let roles: Segment[] = [];
  const withoutRxa = () => {
    if (orc) context.findings.push({ place: `ORC^${orc.occurrence}`, rule: 'a vaccination has an RXA' });
  };
  for (const segment of message.segments()) {
    const { name } = segment;
    if (name === 'ORC') {
      withoutRxa();
      [orc, waiting, last, roles] = [segment, [], undefined, []];
    } else if (name === 'RXA') {
      vaccinations.push({ orc, rxa: segment, rxr: undefined, results: waiting, roles });
      [orc, waiting, last, roles] = [undefined, [], undefined, []];
    } else if (name === 'RXR') {
      const open = orc ? undefined : vaccinations.at(-1);
      if (open) open.rxr ??= segment;
    } else if (name === 'OBX') {
      last = { obx: segment, notes: [] };
      const open = orc ? waiting : (vaccinations.at(-1)?.results ?? ofPatient);
      open.push(last);
    } else if (name === 'NTE') last?.notes.push(segment);
    else if (name === 'PRT' && last) last.roles = [...(last.roles ?? []), segment];
    else if (name === 'PRT' && orc) roles.push(segment);
  }
  withoutRxa();
  return { vaccinations, ofPatient };
}
