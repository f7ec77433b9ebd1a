import type { Field, Hl7Message, Segment } from '../../standards/hl7v2/index.ts';

/** What was asked of a message: fields by segment. */
export type Reads = ReadonlyMap<Segment, ReadonlySet<number>>;

/**
 * The same message, noting which fields of which segments are asked for. What a mapping never asks for it can't have taken, so nobody has to
 * remember to list what is mapped.
 */
export function watchReads(message: Hl7Message): { readonly message: Hl7Message; readonly reads: Reads } {
  const reads = new Map<Segment, Set<number>>();
  const watched = new Map<Segment, Segment>();
  const note = (segment: Segment, field: number): void => {
    const known = reads.get(segment);
    if (known) known.add(field);
    else reads.set(segment, new Set([field]));
  };
  const watch = (segment: Segment): Segment => {
    const known = watched.get(segment);
    if (known) return known;
    const field = (number: number): Field => {
      note(segment, number);
      return segment.field(number);
    };
    const made = overlay(segment, { field });
    watched.set(segment, made);
    return made;
  };
  const segments = (name?: string): readonly Segment[] => message.segments(name).map(watch);
  const segment = (name: string, occurrence = 1): Segment | undefined => {
    const found = message.segment(name, occurrence);
    return found && watch(found);
  };
  const noting =
    <T>(ask: (path: string) => T) =>
    (path: string): T => {
      const [, name = '', occurrence = '1', field = ''] = PATH.exec(path) ?? [];
      const asked = message.segment(name, Number(occurrence));
      if (asked && field !== '') note(asked, Number(field));
      return ask(path);
    };
  const text = noting((path) => message.text(path));
  const isNull = noting((path) => message.isNull(path));
  return { message: overlay(message, { segments, segment, text, isNull }), reads };
}

const PATH = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)/;

/** The object with some members replaced. Its own ones run on itself, because they have private parts. */
function overlay<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(_, name): unknown {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
