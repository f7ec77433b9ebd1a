import type { Json } from './references.ts';

/**
 * The parsed form of a collection as HL7 v2 again: groups by name, segments with their name under `0`, fields, components and subcomponents
 * by number, repetitions as lists.
 */

/** Groups hold their members by name: they are put in the order in which the structures of 2.5.1 have them. */
const ORDER =
  `MSH SFT EVN PATIENT_RESULT PATIENT PID PD1 ROL NK1 PATIENT_VISIT VISIT PV1 PV2 DB1 MRG ALL AL1 GT1 INSURANCE IN1 IN2 IN3
  PROCEDURE PR1 ORDER ORDER_OBSERVATION COMMON_ORDER ORC ORDER_DETAIL OBSERVATION_REQUEST CHOICE RXO RXE OBR NTE TQ1
  CTD RXR RXC DG1 OBSERVATION OBX SPECIMEN SPM`.split(/\s+/);

const rankOf = (name: string): number => {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
};

/** The segments of a group, in order. */
export function segmentsOf(group: Json): string[] {
  return Object.entries(group)
    .sort(([one], [other]) => rankOf(one) - rankOf(other))
    .flatMap(([, member]) =>
      (Array.isArray(member) ? member : [member])
        .filter(isObject)
        .flatMap((item) => (typeof item['0'] === 'string' ? [segmentOf(item)] : segmentsOf(item))),
    );
}

const segmentOf = (segment: Json): string => {
  const name = String(segment['0']);
  const fields = parts(segment).map(fieldText);
  // MSH-1 is the separator itself, MSH-2 the others.
  return name === 'MSH' ? ['MSH', '^~\\&', ...fields.slice(2)].join('|') : [name, ...fields].join('|');
};

/** One value or a list of repetitions. */
export const fieldText = (value: unknown): string =>
  (Array.isArray(value) ? value : [value]).map((one) => joined(one, '^')).join('~');

/** The parts of a datatype that stands as a component. */
export const componentText = (value: unknown): string => joined(value, '&');

function joined(value: unknown, separator: '^' | '&'): string {
  if (!isObject(value)) return value === null || value === undefined ? '' : escaped(String(value));
  return parts(value)
    .map((part) => (separator === '^' ? componentText(part) : joined(part, '&')))
    .join(separator);
}

/** Numbered members from 1, the missing ones empty. */
function parts(value: Json): unknown[] {
  const last = Math.max(0, ...Object.keys(value).map(Number).filter(Number.isInteger));
  return Array.from({ length: last }, (_, index) => value[String(index + 1)]);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': 'E', '|': 'F', '^': 'S', '&': 'T', '~': 'R' };
const escaped = (text: string): string =>
  text.replace(/[\\|^&~]/g, (char) => `\\${ESCAPES[char]}\\`).replace(/[\r\n]+/g, ' ');

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
