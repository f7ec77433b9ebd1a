import type { Observation } from '@medplum/fhirtypes';
import type { WriteContext } from '../context.ts';
import { type GroupPart, group, type SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { notes } from './nte.ts';
import { obx } from './obx.ts';
import { linesOf, type ObxLine } from './obx-lines.ts';

export interface ObservationFacts {
  /** Of the visit or the patient, without an order. */
  readonly observations?: readonly Observation[];
}

/** The number of the segment within the message. */
export const numbered = (_item: unknown, { place }: WriteContext): number => Number(place.split('^')[1]);

type Observed = {
  readonly OBX: SegmentPart<ObxLine, ObxLine>;
  readonly NTE: ReturnType<typeof notes<ObxLine>>;
};

const parts: Observed = {
  OBX: each<ObxLine, ObxLine>('OBX', (line) => [line], { ...obx, 1: numbered }),
  NTE: notes<ObxLine>(({ observation }) => observation.note ?? []),
};

/** OBX with their notes, from whatever Observations there are. */
export const observed = <F>(
  of: (facts: F, context: WriteContext) => readonly Observation[],
): GroupPart<F, ObxLine, Observed> =>
  group((facts: F, context) => of(facts, context).flatMap(linesOf), parts);
