import type { Elements, Json, RecordWrite } from '../types.ts';
import type { Progress } from './batch.ts';
import { type Content, slotOf } from './slot.ts';
import { applyOne } from './snapshots.ts';

/**
 * The resources that these writes make on an empty record, each once, in the order in which they are first written: for previews and
 * dry runs. Pure.
 */
export function previewWrites(writes: readonly RecordWrite[]): Json[] {
  const resources = new Map<string, Progress>();
  for (const write of writes) applyOne(resources, write);
  return [...resources.values()].flatMap(({ standing }) => (standing ? [standing.content as Json] : []));
}

/**
 * The object that these slots make, for what is a part of a resource. Items carry no mark of their field, because element ids are unique within the
 * resource, which may have several such parts. Pure.
 */
export function previewElements(set: Elements): Record<string, unknown> {
  const content: Content = {};
  for (const [text, value] of Object.entries(set)) {
    const [element = text] = text.split('@');
    const before = element === text ? undefined : content[element];
    slotOf(element).put(
      content,
      Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value,
    );
  }
  return content;
}
