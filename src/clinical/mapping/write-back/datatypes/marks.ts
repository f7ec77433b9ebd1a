import type { Element } from '@medplum/fhirtypes';

/** Items that came from a field carry it as their element id (clinical/record, slot.ts). */
const fieldOf = ({ id = '' }: Element): string => id.replace(/\.\d+$/, '');

/**
 * The items of a list that belong into a field: those that came from it, and of those that came from nowhere the ones that `fits` takes.
 */
export function ofField<T extends Element>(
  items: readonly T[] | undefined,
  field: string,
  fits: (item: T) => boolean = () => false,
): T[] {
  return (items ?? []).filter((item) => {
    const origin = /^[A-Z][A-Z0-9]{2}-\d+\.\d+$/.test(item.id ?? '') ? fieldOf(item) : undefined;
    return origin === undefined ? fits(item) : origin === field;
  });
}
