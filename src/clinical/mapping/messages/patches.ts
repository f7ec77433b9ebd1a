import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { emptyPatch, mapSegment, type Patch, type SegmentMap } from '../segment-map.ts';

/** Within one segment, what is both set and removed is set: two fields speak of it, and one of them has something to say. */
export const settled = ({ set, remove }: Patch): Patch => ({
  set,
  remove: remove.filter((slot) => !(slot in set)),
});

/** Several segments about one resource, each better informed than those before it: the later one has the last word on a slot. */
export function overlaid(patches: readonly Patch[]): Patch {
  const whole = emptyPatch();
  const removed = new Set<string>();
  for (const patch of patches) {
    const { set, remove } = settled(patch);
    for (const slot of remove) {
      delete whole.set[slot];
      removed.add(slot);
    }
    for (const slot of Object.keys(set)) removed.delete(slot);
    Object.assign(whole.set, set);
  }
  whole.remove.push(...removed);
  return whole;
}

/** A table over a segment that may not be there. */
export const patchOf = <R>(map: SegmentMap<R>, segment: Segment | undefined, context: MapContext): Patch =>
  segment ? mapSegment(map, segment, context) : emptyPatch();
