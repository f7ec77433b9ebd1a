import type { Observation, ObservationComponent } from '@medplum/fhirtypes';

/** One OBX: an observation, or one of its components that is of another code. */
export interface ObxLine {
  readonly observation: Observation;
  /** Values of one code are repetitions of OBX-5. */
  readonly values: readonly (Observation | ObservationComponent)[];
  readonly code: Observation['code'];
  /** Set when several OBX make one observation: OBX-4 keeps them together. */
  readonly group?: number;
}

/**
 * The OBX of an observation. Components of its own code are repetitions of OBX-5; those of other codes, as the two pressures of a blood pressure, are an
 * OBX each, with one sub-id.
 */
export function linesOf(observation: Observation, index: number): ObxLine[] {
  const { component = [], code } = observation;
  if (component.length === 0) return [{ observation, values: [observation], code }];
  const same = component.every((one) => keyOf(one.code) === keyOf(code));
  if (same) return [{ observation, values: component, code }];
  const own = hasValue(observation) ? [{ observation, values: [observation], code, group: index + 1 }] : [];
  return [
    ...own,
    ...component.map((one) => ({ observation, values: [one], code: one.code, group: index + 1 })),
  ];
}

const keyOf = ({ coding: [first] = [], text }: Observation['code']): string =>
  `${first?.system}|${first?.code ?? text}`;
const hasValue = (observation: Observation): boolean =>
  Object.keys(observation).some((key) => /^value[A-Z]/.test(key));
