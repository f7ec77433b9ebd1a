import type { Identifier, Reference } from '@medplum/fhirtypes';
import { authorityScope, type RecordWrite, resourceId } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { eiAt } from '../datatypes/ei.ts';
import { mapSegment, type Patch } from '../segment-map.ts';
import { annotationsOf } from '../segments/nte.ts';
import { hasSpecimen, obrSpecimen } from '../segments/obr-specimen.ts';
import { spm as spmMap } from '../segments/spm.ts';
import { writeOf } from '../write.ts';
import type { About } from './order-patient.ts';
import type { OrderGroup, SpecimenGroup } from './oru-groups.ts';
import { overlaid, patchOf, settled } from './patches.ts';

/** Specimens of a message so far, so that two samples that were given one number stay two. */
export type SeenSpecimens = Map<string, string>;

export interface Sampled {
  readonly writes: readonly RecordWrite[];
  readonly references: readonly Reference[];
}

/** Where a specimen stands. */
export interface OfOrder {
  readonly about: About;
  /** The key of its order. */
  readonly key: string;
  readonly seen: SeenSpecimens;
}

/**
 * The specimens of an order: each SPM, or what OBR says of one where there is no SPM. With a single SPM, OBR says more about it; with several
 * nobody knows of which.
 */
export function specimensOf(order: OrderGroup, context: MapContext, of: OfOrder): Sampled {
  const { specimens, obr } = order;
  const own = specimens.length === 1 ? obr : undefined;
  const writes = specimens.map((group, index) => {
    const patch = overlaid([patchOf(obrSpecimen, own, context), mapSegment(spmMap, group.spm, context)]);
    const note = annotationsOf(group.notes, context);
    if (note) patch.set['note@NTE-3'] = note;
    return specimenWrite(patch, context, { ...of, ...identityOf(group, index, context, of) });
  });
  if (specimens.length === 0 && obr && hasSpecimen(obr)) {
    const key = `${of.key}|specimen`;
    const id = resourceId('Specimen', context.system, key);
    writes.push(specimenWrite(settled(mapSegment(obrSpecimen, obr, context)), context, { ...of, key, id }));
  }
  return { writes, references: writes.map(({ id }) => ({ reference: `Specimen/${id}` })) };
}

/** SPM-2 with its authority, the placer's number before the filler's; without one, the place in its order. */
function identityOf(
  { spm }: SpecimenGroup,
  index: number,
  context: MapContext,
  { key: orderKey, seen }: OfOrder,
): { key: string; id: string } {
  const value = spm.field(2).repetition(1);
  const number = [1, 2].map((component) => eiAt(value, context, { component })).find((found) => found);
  if (!number?.value) {
    const key = `${orderKey}|specimen|${index + 1}`;
    return { key, id: resourceId('Specimen', context.system, key) };
  }
  const base = `number|${number.value}`;
  const scope = scopeOf(number, context);
  const kind = spm.field(4).component(1).trim();
  const first = seen.get(`${scope} ${base}`);
  if (first === undefined) seen.set(`${scope} ${base}`, kind);
  const key = first === undefined || first === kind ? base : `${base}|${kind}`;
  return { key, id: resourceId('Specimen', scope, key) };
}

const scopeOf = ({ system }: Identifier, context: MapContext): string =>
  system === undefined ? context.system : authorityScope(system);

const specimenWrite = (
  patch: Patch,
  context: MapContext,
  { about, key, id }: { about: About; key: string; id: string },
): RecordWrite => {
  const { subject } = about.common;
  return writeOf(context, {
    type: 'Specimen',
    id,
    key,
    patient: about.patient,
    patch: { set: { ...patch.set, subject }, remove: patch.remove },
  });
};
