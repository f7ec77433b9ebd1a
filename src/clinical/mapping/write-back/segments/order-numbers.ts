import type { Identifier } from '@medplum/fhirtypes';
import { typeOf } from '../datatypes/cx.ts';

/** The first number that came from one of the fields, or that is of the type (0203) and came from nowhere. */
export function numberOf(
  identifiers: readonly Identifier[] | undefined,
  { fields, type }: { readonly fields: readonly string[]; readonly type: string },
): Identifier | undefined {
  const all = identifiers ?? [];
  const marked = all.find(({ id = '' }) => fields.includes(id.replace(/\.\d+$/, '')));
  return marked ?? all.find((one) => !/^[A-Z0-9]{3}-\d/.test(one.id ?? '') && typeOf(one) === type);
}

const PLACER = { fields: ['ORC-2', 'OBR-2'], type: 'PLAC' };
const FILLER = { fields: ['ORC-3', 'OBR-3'], type: 'FILL' };

/** The numbers of an order or a report: the placer's, and the filler's. */
export const placerOf = (identifiers: readonly Identifier[] | undefined) => numberOf(identifiers, PLACER);
export const fillerOf = (identifiers: readonly Identifier[] | undefined) => numberOf(identifiers, FILLER);
