/**
 * A slot is a piece of a resource that is set and removed as a whole, because one field of a message speaks of it:
 * - `birthDate`             the element
 * - `period.start`          an element of an element
 * - `telecom[use=home]`     the items of a list whose `use` is `home`; other items stay
 * - `participant[type.coding.code=ATND]`   the same, looking through lists on the way
 * - `telecom@PID-13`        the items that came from that field: each carries it as its element id, `PID-13.1`, `PID-13.2` …
 * - `value[x]`              a choice of types; the value is `{ Quantity: … }`, and what was there in another type goes
 */
export interface Slot {
  has(content: Content): boolean;
  put(content: Content, value: unknown): void;
  clear(content: Content): void;
}

export type Content = Record<string, unknown>;

const compiled = new Map<string, Slot>();
const MAX_COMPILED = 2000;
const NAME = '_?[A-Za-z][A-Za-z0-9]*';
const PLAIN = new RegExp(`^${NAME}$`);
const CHILD = new RegExp(`^(${NAME})\\.(${NAME})$`);
const CHOICE = new RegExp(`^(${NAME})\\[x\\]$`);
const MARKED = new RegExp(`^(${NAME})@([A-Z0-9]{3}-\\d{1,2})$`);
const ITEMS = new RegExp(`^(${NAME})\\[(${NAME}(?:\\.${NAME})*)=([^\\]]+)\\]$`);

/** Throws when the text is no slot: slots are written in mappings, never taken from a message. */
export function slotOf(text: string): Slot {
  const known = compiled.get(text);
  if (known) return known;
  const slot = compile(text);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(text, slot);
  return slot;
}

function compile(text: string): Slot {
  if (PLAIN.test(text)) return plain(text);
  const child = CHILD.exec(text);
  if (child) return nested(child[1] ?? '', child[2] ?? '');
  const choice = CHOICE.exec(text);
  if (choice) return choiceOfType(choice[1] ?? '');
  const items = ITEMS.exec(text);
  const marked = MARKED.exec(text);
  if (marked) return markedItems(marked[1] ?? '', marked[2] ?? '');
  if (items) return someItems(items[1] ?? '', (items[2] ?? '').split('.'), items[3] ?? '');
  throw new TypeError(`not a slot: ${text}`);
}

const plain = (name: string): Slot => ({
  has: (content) => content[name] !== undefined,
  put(content, value) {
    content[name] = value;
  },
  clear(content) {
    delete content[name];
  },
});

function nested(parent: string, name: string): Slot {
  return {
    has: (content) => isObject(content[parent]) && content[parent][name] !== undefined,
    put(content, value) {
      const before = content[parent];
      content[parent] = { ...(isObject(before) ? before : {}), [name]: value };
    },
    clear(content) {
      const before = content[parent];
      if (!isObject(before)) return;
      const { [name]: _gone, ...rest } = before;
      if (Object.keys(rest).length === 0) delete content[parent];
      else content[parent] = rest;
    },
  };
}

function choiceOfType(prefix: string): Slot {
  const member = new RegExp(`^${prefix}[A-Z]`);
  const members = (content: Content) => Object.keys(content).filter((key) => member.test(key));
  const clear = (content: Content) => {
    for (const key of members(content)) delete content[key];
  };
  return {
    has: (content) => members(content).length > 0,
    put(content, value) {
      clear(content);
      if (isObject(value))
        for (const [type, inner] of Object.entries(value)) content[`${prefix}${type}`] = inner;
    },
    clear,
  };
}

const someItems = (list: string, path: readonly string[], wanted: string): Slot =>
  itemsThat(
    list,
    (item) => reaches(item, path, wanted),
    (item) => item,
  );

const markedItems = (list: string, mark: string): Slot =>
  itemsThat(
    list,
    (item) => isObject(item) && typeof item.id === 'string' && item.id.startsWith(`${mark}.`),
    (item, index) => (isObject(item) ? { id: `${mark}.${index + 1}`, ...item } : item),
  );

function itemsThat(
  list: string,
  matches: (item: unknown) => boolean,
  prepare: (item: unknown, index: number) => unknown,
): Slot {
  const itemsOf = (content: Content): unknown[] => (Array.isArray(content[list]) ? content[list] : []);
  return {
    has: (content) => itemsOf(content).some(matches),
    put(content, value) {
      const before = itemsOf(content);
      const first = before.findIndex(matches);
      const at = first === -1 ? before.length : first;
      const after = before.slice(at).filter((item) => !matches(item));
      const fresh = (Array.isArray(value) ? value : [value]).map(prepare);
      content[list] = [...before.slice(0, at), ...fresh, ...after];
    },
    clear(content) {
      const left = itemsOf(content).filter((item) => !matches(item));
      if (left.length === 0) delete content[list];
      else content[list] = left;
    },
  };
}

function reaches(value: unknown, path: readonly string[], wanted: string): boolean {
  if (Array.isArray(value)) return value.some((item) => reaches(item, path, wanted));
  const [name, ...rest] = path;
  if (name === undefined) return value === wanted;
  return isObject(value) && reaches(value[name], rest, wanted);
}

const isObject = (value: unknown): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
