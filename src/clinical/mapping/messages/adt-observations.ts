import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { mapSegment, placeOf } from '../segment-map.ts';
import { notesText } from '../segments/nte.ts';
import { obx as obxMap } from '../segments/obx.ts';
import { type About, codeKeyOf, ownWrite, scopeOf } from './about.ts';
import type { AdtGroup } from './adt-groups.ts';

/**
 * OBX of an ADT (height, weight, a pregnancy): Observations of the visit, or of the patient, without an order. What the next message says of the same
 * thing replaces it.
 */
export function observationWrites(
  observations: AdtGroup['observations'],
  about: About,
  context: MapContext,
): RecordWrite[] {
  const seen = new Map<string, number>();
  return observations.flatMap(({ obx, notes }) => {
    const code = codeKeyOf(obx.field(3));
    if (code === '') {
      context.findings.push({ place: placeOf(obx, 3), rule: 'an observation says what was observed' });
      return [];
    }
    const base = `adt|${scopeOf(about)}|${code}|${obx.field(4).text.trim()}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    const patch = mapSegment(obxMap, obx, context);
    if (about.encounter) patch.set.encounter = { reference: about.encounter };
    const note = notesText(notes, context);
    if (note !== undefined) patch.set.note = [{ text: note }];
    return ownWrite(context, {
      type: 'Observation',
      key: count === 1 ? base : `${base}#${count}`,
      patient: about.patient,
      patch,
      subject: 'subject',
      initial: { status: 'unknown' },
    });
  });
}
