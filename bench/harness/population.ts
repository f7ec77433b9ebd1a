import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One patient's record as a transaction bundle, as Synthea writes it. */
interface PatientBundle {
  readonly text: string;
  readonly entries: number;
}

/**
 * Synthea's patients (ISTHMUS_CORPORA) multiplied: copy k of a patient has ids, identifiers and dates of its own and another name; names are
 * skewed as in life, a few very frequent ones and a long tail. The same numbers give the same people.
 */
export interface Population {
  /** What patients refer to: hospitals and practitioners, as batch bundles. */
  readonly shared: readonly string[];
  bundle(n: number): PatientBundle;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const DATE = /"((?:19|20)\d\d)-(\d\d)-(\d\d)(?=["T])/g;

export function synthea(): Population {
  const folder = join(corpora(), 'synthea-r4-uscore');
  const sources = readdirSync(join(folder, 'dev'))
    .sort()
    .map((name) => source(unpacked(join(folder, 'dev', name))));
  const shared = readdirSync(join(folder, 'shared'))
    .sort()
    .map((name) => unpacked(join(folder, 'shared', name)));
  return {
    shared,
    bundle(n) {
      const one = sources[n % sources.length];
      if (!one) throw new Error('ISTHMUS_CORPORA has no synthea-r4-uscore/dev');
      return { text: copyOf(one, Math.floor(n / sources.length)), entries: one.entries };
    },
  };
}

function corpora(): string {
  const folder = process.env.ISTHMUS_CORPORA;
  if (!folder) throw new Error('Set ISTHMUS_CORPORA to the folder with synthea-r4-uscore.');
  return folder;
}

const unpacked = (path: string): string => gunzipSync(readFileSync(path)).toString();

interface Source {
  readonly text: string;
  readonly entries: number;
  readonly given: string;
  readonly family: string;
  /** The ids of this patient's own resources; what is shared keeps its ids. */
  readonly own: ReadonlySet<string>;
}

interface SyntheaBundle {
  readonly entry: readonly {
    readonly fullUrl: string;
    readonly resource: { readonly resourceType: string; readonly name?: readonly Name[] };
  }[];
}
interface Name {
  readonly family?: string;
  readonly given?: readonly string[];
}

function source(text: string): Source {
  const { entry } = JSON.parse(text) as SyntheaBundle;
  const patient = entry.find(({ resource }) => resource.resourceType === 'Patient')?.resource.name?.[0];
  return {
    text: JSON.stringify(JSON.parse(text)),
    entries: entry.length,
    given: patient?.given?.[0] ?? '',
    family: patient?.family ?? '',
    own: new Set(entry.map(({ fullUrl }) => fullUrl.replace('urn:uuid:', ''))),
  };
}

function copyOf({ text, given, family, own }: Source, copy: number): string {
  if (copy === 0) return text;
  const days = Math.floor(uniform(copy, 'days') * 700) - 350;
  const shifted = text
    .replace(UUID, (id) => (own.has(id) ? derived(id, copy) : id))
    .replace(DATE, (_, year, month, day) => `"${shift(Number(year), Number(month), Number(day), days)}`);
  return renamed(shifted, { given, family, copy });
}

function renamed(text: string, { given, family, copy }: { given: string; family: string; copy: number }) {
  const withGiven = given === '' ? text : text.replaceAll(given, nameOf('Given', copy));
  return family === '' ? withGiven : withGiven.replaceAll(family, nameOf('Family', copy));
}

/** Zipf-like: rank r comes about 1/r as often as the first. */
function nameOf(kind: string, copy: number): string {
  const rank = Math.floor(20_000 ** uniform(copy, kind));
  return `${syllables(rank)}${kind === 'Given' ? 'a' : 'son'}`;
}

const SYLLABLES = ['ba', 'do', 'fe', 'gu', 'ka', 'li', 'mo', 'na', 'pe', 'ri', 'sa', 'to', 'vu', 'we', 'za'];

function syllables(n: number): string {
  const word: string[] = [];
  for (let rest = n + 15; rest > 0; rest = Math.floor(rest / 15)) word.push(SYLLABLES[rest % 15] ?? '');
  const [first = '', ...others] = word.join('');
  return first.toUpperCase() + others.join('');
}

function derived(id: string, copy: number): string {
  const hex = createHash('md5').update(`${id} ${copy}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const uniform = (copy: number, salt: string): number =>
  createHash('md5').update(`${salt} ${copy}`).digest().readUInt32BE() / 2 ** 32;

const shift = (year: number, month: number, day: number, days: number): string =>
  new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
