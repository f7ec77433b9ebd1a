import type { Elements } from '../../record/index.ts';
import { type Place, placesOf } from './places.ts';

export type Content = Readonly<Record<string, unknown>>;

/** Is shown each concept and quantity with its element, and says what stands there from then on: the same object for no change. */
export type Visit = (found: Content, place: Place) => Content;

/** What stands at a place, seen through lists; what is unchanged is the same object. Pure, as long as `visit` is. */
function walk(value: unknown, place: Place, visit: Visit): unknown {
  if (Array.isArray(value)) return walkItems(value, place, visit);
  if (!isObject(value)) return value;
  return place.holds ? visit(value, place) : walkChildren(value, place, visit);
}

/** A whole resource, with what it contains. */
export function walkResource(resource: Content, visit: Visit): Content {
  const { resourceType, contained } = resource;
  const place = typeof resourceType === 'string' ? placesOf(resourceType) : undefined;
  const walked = place ? walkChildren(resource, place, visit) : resource;
  const inside = walkContained(contained, visit);
  return inside === contained ? walked : { ...walked, contained: inside };
}

/** Elements of a write, by slot (record/write/slot.ts). */
export function walkElements(type: string, set: Elements, visit: Visit): Elements {
  let changed: Record<string, unknown> | undefined;
  const places = slotsOf(type);
  for (const slot in set) {
    const at = placeOfSlot(places, type, slot);
    if (!at) continue;
    const value = set[slot];
    const walked = at === CONTAINED ? walkContained(value, visit) : walkSlot(value, at, visit);
    if (walked === value) continue;
    changed ??= { ...set };
    changed[slot] = walked;
  }
  return changed ?? set;
}

function walkSlot(value: unknown, at: SlotPlace, visit: Visit): unknown {
  if (at.choice === undefined) return walk(value, at.place, visit);
  // The value of a choice is `{ Quantity: … }`.
  if (!isObject(value)) return value;
  let changed: Record<string, unknown> | undefined;
  for (const [member, inner] of Object.entries(value)) {
    const place = at.place.children.get(`${at.choice}${member}`);
    const walked = place ? walk(inner, place, visit) : inner;
    if (walked === inner) continue;
    changed ??= { ...value };
    changed[member] = walked;
  }
  return changed ?? value;
}

interface SlotPlace {
  /** Of a choice the place above it. */
  readonly place: Place;
  readonly choice?: string;
}

/** Resources of their own, each with the places of its type. */
const CONTAINED = { place: { element: 'contained', children: new Map() } } satisfies SlotPlace;

type SlotPlaces = Map<string, SlotPlace | undefined>;
const slots = new Map<string, SlotPlaces>();
const MAX_SLOTS = 2_000;

function slotsOf(type: string): SlotPlaces {
  const known = slots.get(type);
  if (known) return known;
  const made: SlotPlaces = new Map([['contained', CONTAINED]]);
  slots.set(type, made);
  return made;
}

/** `period.start`, `telecom@PID-13`, `participant[type.coding.code=ATND]` and `value[x]` as places; undefined where no code can stand. */
function placeOfSlot(places: SlotPlaces, type: string, slot: string): SlotPlace | undefined {
  const known = places.get(slot);
  if (known || places.has(slot)) return known;
  const made = findPlace(type, slot);
  if (places.size < MAX_SLOTS) places.set(slot, made);
  return made;
}

function findPlace(type: string, slot: string): SlotPlace | undefined {
  const root = placesOf(type);
  if (!root) return undefined;
  if (slot.endsWith('[x]')) {
    const choice = slot.slice(0, -'[x]'.length);
    const isCoded = [...root.children.keys()].some((name) => name.startsWith(choice));
    return isCoded ? { place: root, choice } : undefined;
  }
  const [path = slot] = slot.split(/[@[]/);
  let place: Place | undefined = root;
  for (const name of path.split('.')) place = place?.children.get(name);
  return place && { place };
}

function walkItems(items: readonly unknown[], place: Place, visit: Visit): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const walked = walk(item, place, visit);
    if (walked === item) continue;
    changed ??= [...items];
    changed[index] = walked;
  }
  return changed ?? items;
}

function walkChildren(value: Content, place: Place, visit: Visit): Content {
  let changed: Record<string, unknown> | undefined;
  for (const name in value) {
    const child = place.children.get(name);
    if (!child) continue;
    const walked = walk(value[name], child, visit);
    if (walked === value[name]) continue;
    changed ??= { ...value };
    changed[name] = walked;
  }
  return changed ?? value;
}

function walkContained(contained: unknown, visit: Visit): unknown {
  if (!Array.isArray(contained)) return contained;
  const walked = contained.map((one: unknown) => (isObject(one) ? walkResource(one, visit) : one));
  return walked.every((one, index) => one === contained[index]) ? contained : walked;
}

const isObject = (value: unknown): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
