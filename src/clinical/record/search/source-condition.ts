import { anyOf, FALSE, type Part, part } from '../../../foundation/database/index.ts';
import type { Clause } from '../../../standards/fhir-search/index.ts';
import { sourceOfUri } from '../render.ts';
import type { Place } from './place.ts';

/** `_source`: meta.source is made from columns when a resource is read (render.ts), so it is looked for in them; without a fragment, any message. */
export function source(
  { match, anyOf: values }: Extract<Clause, { readonly kind: 'uri' }>,
  { row }: Place,
): Part {
  if (match !== 'exact') return FALSE;
  return anyOf(
    values.map((value) => {
      const asked = sourceOfUri(value);
      if (!asked) return FALSE;
      const ofSystem = part`${row}.source_system = ${asked.system}`;
      return asked.messageId === undefined
        ? ofSystem
        : part`(${ofSystem} AND ${row}.message_id = ${asked.messageId})`;
    }),
  );
}
