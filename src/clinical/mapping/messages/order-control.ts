import type { ServiceRequest } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { placeOf } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

type Status = ServiceRequest['status'];

/** What an order control code (ORC-1, table 0119) says of the order. */
interface OrderControl {
  /** Without it the code says nothing of the status; ORC-5 may. */
  readonly status?: Status;
  /** The code is a change of state, and counts more than ORC-5; others only tell what ORC-5 leaves open. */
  readonly decides?: boolean;
  /** This order takes the place of those that the message replaces before it. */
  readonly replaces?: boolean;
  /** This order is replaced. */
  readonly replaced?: boolean;
  /** The results of other orders, sent along for the filler's information. */
  readonly previous?: boolean;
}

const says = (status: Status): OrderControl => ({ status });
const makes = (status: Status): OrderControl => ({ status, decides: true });
const nothing: OrderControl = {};

/**
 * Table 0119 after the v2-to-FHIR guide (OrderControlCode[ServiceRequest.status]), where it has a status. What its owner asks for (CA, HD,
 * DC) is so until the filler refuses (UC, UH, UD).
 */
const orderControls = codeTable<OrderControl>({
  AF: says('active'),
  CA: makes('revoked'),
  CH: nothing,
  CN: nothing,
  CP: nothing,
  CR: makes('revoked'),
  DC: makes('revoked'),
  DE: nothing,
  DF: says('revoked'),
  DR: makes('revoked'),
  FU: says('completed'),
  HD: makes('on-hold'),
  HR: makes('on-hold'),
  LI: nothing,
  MC: nothing,
  NA: nothing,
  NW: says('active'),
  OC: makes('revoked'),
  OD: makes('revoked'),
  OE: makes('active'),
  OF: nothing,
  OH: makes('on-hold'),
  OK: says('active'),
  OP: nothing,
  OR: makes('active'),
  PA: nothing,
  PR: { previous: true },
  PY: nothing,
  RE: nothing,
  RF: nothing,
  RL: makes('active'),
  RO: { status: 'active', replaces: true },
  RP: { status: 'revoked', decides: true, replaced: true },
  RQ: { status: 'revoked', decides: true, replaced: true },
  RR: nothing,
  RU: { status: 'revoked', decides: true, replaced: true },
  SC: nothing,
  SN: nothing,
  SR: nothing,
  SS: nothing,
  UA: makes('revoked'),
  UC: makes('active'),
  UD: makes('active'),
  UF: nothing,
  UH: makes('active'),
  UM: makes('active'),
  UN: nothing,
  UR: makes('on-hold'),
  UX: nothing,
  XO: nothing,
  XR: nothing,
  XX: nothing,
});

/** Table 0038, ORC-5. A (some results) has no row in the guide: the order goes on. */
const orderStatus = codeTable<Status>({
  A: 'active',
  CA: 'revoked',
  CM: 'completed',
  DC: 'revoked',
  ER: 'entered-in-error',
  HD: 'on-hold',
  IP: 'active',
  RP: 'revoked',
  SC: 'active',
});

/** What ORC-1 says; an unknown code is a finding and says nothing. */
export function orderControlOf(orc: Segment | undefined, context: MapContext): OrderControl {
  const code = orc?.field(1).text.trim().toUpperCase() ?? '';
  if (!orc || code === '') return nothing;
  const known = orderControls[code];
  if (!known) context.findings.push({ place: placeOf(orc, 1), rule: 'a code of table 0119 is needed' });
  return known ?? nothing;
}

/** The status of an order; undefined when the message says nothing of it. */
export function orderStatusOf(
  orc: Segment | undefined,
  control: OrderControl,
  context: MapContext,
): Status | undefined {
  const code = orc?.field(5).text.trim().toUpperCase() ?? '';
  const stated = orderStatus[code];
  if (orc && code !== '' && !stated)
    context.findings.push({ place: placeOf(orc, 5), rule: 'a code of table 0038 is needed' });
  return control.decides ? control.status : (stated ?? control.status);
}
