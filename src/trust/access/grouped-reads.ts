import type { RecordReader, ResourceName, StoredResource } from '../../clinical/record/index.ts';
import { allDone } from '../../foundation/admission/index.ts';
import { classifyFailure } from '../../foundation/database/index.ts';

/**
 * Current versions in one statement, for reads that have nothing to do with each other. One that can't be shown (its content was altered, its
 * key is missing) fails alone: then they are read one by one.
 */
export async function readGroup(
  names: readonly ResourceName[],
  reader: Pick<RecordReader, 'read' | 'readMany'>,
): Promise<readonly PromiseSettledResult<StoredResource | undefined>[]> {
  try {
    const found = await reader.readMany(names);
    const byName = new Map(found.map((resource) => [nameOf(resource), resource]));
    return allDone(names.map((name) => byName.get(nameOf(name))));
  } catch (error) {
    if (classifyFailure(error) === 'unavailable') throw error;
  }
  const settled: PromiseSettledResult<StoredResource | undefined>[] = [];
  // On one connection after the other: the group was let in as one.
  for (const { type, id } of names) settled.push(...(await Promise.allSettled([reader.read(type, id)])));
  return settled;
}

const nameOf = ({ type, id }: ResourceName): string => `${type}/${id}`;
