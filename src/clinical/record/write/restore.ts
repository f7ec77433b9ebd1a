import { parseExact } from '../../../standards/fhir/index.ts';
import { canonical } from '../persons/items.ts';
import type { Current } from './lock.ts';
import type { Content } from './slot.ts';

/** Who is shown as another person in what is stored: the source patient, and the person. */
interface Shown {
  readonly source: string;
  readonly person: string;
}

/**
 * What a reader was shown as the person is the source patient again, where the resource said so before: reading and writing back
 * rewrites nobody (R22). What is new and names the person of the patient it is about is about that patient, too.
 */
export function restorePatients(content: Content, current: Current | undefined): Content {
  const shown = current ? shownIn(current) : [];
  if (!current || shown.length === 0) return content;
  const stored = parseExact(current.content.toString()) as Content;
  return restored(content, replaced(stored, shown), stored, backwards(shown)) as Content;
}

function shownIn({ row }: Current): Shown[] {
  const { source_patient_id: source, person_id: person, others } = row;
  const own = source && person && source !== person ? [{ source, person }] : [];
  const further = (others ?? []).flatMap((text) => {
    const [other = '', leadsTo = ''] = text.split(' ');
    return other === source ? [] : [{ source: other, person: leadsTo }];
  });
  return [...own, ...further];
}

const leadsTo = (patient: string): string => `Patient/${patient}`;

/** The content as a reader is shown it (render.ts). */
function replaced(value: unknown, shown: readonly Shown[]): unknown {
  if (Array.isArray(value)) return value.map((one) => replaced(one, shown));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const found = key === 'reference' && shown.find(({ source }) => inner === leadsTo(source));
      return [key, found ? leadsTo(found.person) : replaced(inner, shown)];
    }),
  );
}

/** Where a reference that was not there before leads: of several of one person the first, whom the resource is about. */
function backwards(shown: readonly Shown[]): ReadonlyMap<string, string> {
  const back = new Map<string, string>();
  for (const { source, person } of shown)
    if (!back.has(leadsTo(person))) back.set(leadsTo(person), leadsTo(source));
  return back;
}

/** `value`, with what `before` showed in its place as `stored` has it. */
function restored(
  value: unknown,
  before: unknown,
  stored: unknown,
  back: ReadonlyMap<string, string>,
): unknown {
  if (value === before) return stored;
  if (Array.isArray(value)) return restoredItems(value, asList(before), asList(stored), back);
  if (!isObject(value)) return value;
  const [was, is] = [isObject(before) ? before : {}, isObject(stored) ? stored : {}];
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'reference' && typeof inner === 'string' && inner !== was[key])
        return [key, back.get(inner) ?? inner];
      return [key, restored(inner, was[key], is[key], back)];
    }),
  );
}

/** An item that was there before is found by what it says, wherever it stands now; any other by its place. */
function restoredItems(
  items: readonly unknown[],
  before: readonly unknown[],
  stored: readonly unknown[],
  back: ReadonlyMap<string, string>,
): unknown[] {
  const places = new Map<string, number[]>();
  before.forEach((item, at) => {
    const key = canonical(item);
    places.set(key, [...(places.get(key) ?? []), at]);
  });
  return items.map((item, at) => {
    const place = places.get(canonical(item))?.shift();
    return place === undefined ? restored(item, before[at], stored[at], back) : stored[place];
  });
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isObject = (value: unknown): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
