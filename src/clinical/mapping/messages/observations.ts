import type { Reference } from '@medplum/fhirtypes';
import type { Elements, RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { v2Table } from '../datatypes/cwe.ts';
import { mapSegment } from '../segment-map.ts';
import { annotationsOf } from '../segments/nte.ts';
import { obr as obrMap } from '../segments/obr.ts';
import { obx as obxMap } from '../segments/obx.ts';
import { setParticipation } from '../segments/prt.ts';
import { writeOf } from '../write.ts';
import type { About } from './order-patient.ts';
import type { OrderGroup } from './oru-groups.ts';
import type { IdentifiedResult } from './oru-keys.ts';

export const UNKNOWN = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
};

export interface ObservationParts {
  readonly about: About;
  readonly order: OrderGroup;
  readonly category: readonly object[];
  /** What it was measured on, where that is one specimen. */
  readonly specimen?: Reference | undefined;
  /** What it is about beside the patient: a specimen itself. */
  readonly focus?: Reference;
}

/** OBX with its notes as an Observation. */
export function observationOf(
  result: IdentifiedResult,
  context: MapContext,
  parts: ObservationParts,
): RecordWrite {
  const { about, category, specimen, focus } = parts;
  const patch = mapSegment(obxMap, result.obx, context);
  Object.assign(patch.set, about.common);
  if (category.length > 0) patch.set.category = category;
  if (specimen) patch.set.specimen = specimen;
  if (focus) patch.set.focus = [focus];
  const note = annotationsOf(result.notes, context);
  if (note) patch.set.note = note;
  if (result.roles) setParticipation(result.roles, context, patch);
  if (result.joinedText !== undefined) patch.set['value[x]'] = { String: result.joinedText };
  return writeOf(context, {
    type: 'Observation',
    id: result.id,
    key: result.key,
    patient: about.patient,
    patch,
    initial: { status: 'unknown', code: UNKNOWN, ...whenTaken(parts.order, context) },
  });
}

/** OBX-29 (table 0936) says what kind of observation it is, where a sender fills it. */
export function observationTypeOf({ obx }: IdentifiedResult): object[] {
  const code = obx.field(29).text.trim();
  return code === '' ? [] : [{ coding: [{ system: v2Table('0936'), code }] }];
}

const takenMap = { ...obrMap, rows: obrMap.rows.filter(({ to }) => to === 'effective[x]') };

/** An OBX without OBX-14 was observed when its order was (2.5.1, OBX-14). */
function whenTaken({ obr }: OrderGroup, context: MapContext): Elements {
  return obr ? mapSegment(takenMap, obr, { ...context, findings: [] }).set : {};
}
