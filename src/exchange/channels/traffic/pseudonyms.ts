import { createHmac } from 'node:crypto';

/**
 * Stand-ins for what identifies, by a keyed hash: the same value gives the same stand-in, so that messages still belong together, and without
 * the key nobody can try values out. Dates are shifted by a number of whole days that is the patient's own (1 to 183, either way).
 */
export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #patient: string;
  readonly #shiftDays: number;

  constructor(key: Uint8Array, patient: string) {
    this.#key = key;
    this.#patient = patient;
    const hash = this.#hash('shift', patient);
    const days = (hash.readUInt16BE(0) % 183) + 1;
    this.#shiftDays = (hash[2] ?? 0) % 2 === 0 ? days : -days;
  }

  /** An identifier: digits stay digits, letters letters; at least ten of them, so that two seldom meet. */
  id(value: string): string {
    const source = value.replace(/[^A-Za-z0-9]/g, '');
    if (source === '') return value === '' ? '' : 'X';
    const padded =
      source.length >= minIdLength
        ? source
        : source + (source.at(-1) ?? '0').repeat(minIdLength - source.length);
    const hash = this.#hash('id', value);
    return [...padded.slice(0, maxIdLength)]
      .map((letter, index) => standIn(letter, hash[index % hash.length] ?? 0))
      .join('');
  }

  /** A part of a person's name: a word that is none of anybody's. */
  name(value: string): string {
    if (value === '') return '';
    const hash = this.#hash('name', `${this.#patient}\n${value.toLowerCase()}`);
    const word = [0, 1, 2].map((index) => syllables[(hash[index] ?? 0) % syllables.length] ?? '').join('');
    return word.charAt(0).toUpperCase() + word.slice(1);
  }

  /** From the numbers that are set aside for fiction. */
  phone(value: string): string {
    return value === '' ? '' : `555-01${String((this.#hash('phone', value)[0] ?? 0) % 100).padStart(2, '0')}`;
  }

  /** An HL7 date or time, with the precision it had. What is none is dropped. */
  hl7Date(value: string): string {
    const [, year, month, day, rest = ''] =
      /^(\d{4})(\d{2})?(\d{2})?([\d.]*(?:[+-]\d{4})?)$/.exec(value) ?? [];
    if (year === undefined) return '';
    const shifted = this.#shift(year, month ?? '07', day ?? '15');
    if (!shifted) return '';
    const parts = [
      shifted.slice(0, 4),
      month === undefined ? '' : shifted.slice(5, 7),
      day === undefined ? '' : shifted.slice(8, 10),
    ];
    return parts.join('') + rest;
  }

  /** An ISO 8601 date or time, or undefined when it is none. */
  isoDate(value: string): string | undefined {
    const [, year, month, day, rest = ''] =
      /^(\d{4})-(\d{2})(?:-(\d{2}))?(T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/.exec(value) ?? [];
    if (year === undefined || month === undefined) return undefined;
    const shifted = this.#shift(year, month, day ?? '15');
    if (!shifted) return undefined;
    return (day === undefined ? shifted.slice(0, 7) : shifted) + rest;
  }

  #shift(year: string, month: string, day: string): string | undefined {
    const ms = Date.UTC(Number(year), Number(month) - 1, Number(day));
    const shifted = new Date(ms + this.#shiftDays * dayMs);
    return Number.isNaN(shifted.getTime()) ? undefined : shifted.toISOString().slice(0, 10);
  }

  #hash(purpose: string, value: string): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}\n${value}`).digest();
  }
}

const minIdLength = 10;
const maxIdLength = 32;
const dayMs = 86_400_000;
const syllables = [
  'ba',
  'do',
  'fe',
  'gi',
  'ka',
  'lo',
  'mu',
  'ne',
  'pi',
  'ra',
  'so',
  'ti',
  'vu',
  'wa',
  'xo',
  'zi',
];

function standIn(letter: string, byte: number): string {
  if (letter >= '0' && letter <= '9') return String(byte % 10);
  const base = letter >= 'a' ? 97 : 65;
  return String.fromCharCode(base + (byte % 26));
}
