/** A leaf: text, a number, null for `""` (delete what you have), undefined for nothing. */
export type LeafValue = string | number | null | undefined;

/** A component: a leaf, or its subcomponents in order. */
export type ComponentValue = LeafValue | readonly LeafValue[];

/** One repetition: a leaf, or its components in order. */
export type RepetitionValue = LeafValue | readonly ComponentValue[];

/** A field: one repetition, or several made with {@link repeat}. */
export type FieldValue = RepetitionValue | Repeated;

export interface Repeated {
  readonly repetitions: readonly RepetitionValue[];
}

/** Several repetitions of a field: `3: repeat(['4711', '', '', 'GEN'], ['0815', '', '', 'LAB'])`. */
export function repeat(...repetitions: readonly RepetitionValue[]): Repeated {
  return { repetitions };
}

export interface SegmentSpec {
  readonly name: string;
  /** By the standard's field number. */
  readonly fields: Readonly<Record<number, FieldValue>>;
}

/** `segment('PID', { 1: 1, 5: ['Doe', 'Jane'] })`. */
export function segment(name: string, fields: Readonly<Record<number, FieldValue>> = {}): SegmentSpec {
  return { name, fields };
}
