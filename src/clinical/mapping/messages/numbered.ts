import type { Field } from '../../../standards/hl7v2/index.ts';
import { authorityScope, resourceId } from '../../record/index.ts';
import { authorityOf } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';

/** The scope of a number of CX: its assigning authority (CX-4), the declared one, or else the system that says it. */
export function scopeOfNumber(field: Field, { authorities, system }: MapContext): string {
  const named = authorityOf(
    { namespace: field.component(4, 1), universalId: field.component(4, 2) },
    authorities,
  );
  const authority = named || authorities.defaultAuthority;
  return authority ? authorityScope(authority) : system;
}

/** The account (PID-18, MRG-3) or visit (PV1-19, PV1-50, MRG-5, MRG-6) of a number, as it is filed; undefined for an empty field. */
export function numberedId(
  type: 'Account' | 'Encounter',
  field: Field | undefined,
  context: MapContext,
): string | undefined {
  const number = field?.component(1).trim() ?? '';
  if (!field || number === '' || number === '""') return undefined;
  const kind = type === 'Account' ? 'account' : 'visit';
  return resourceId(type, scopeOfNumber(field, context), `${kind}|${number}`);
}
