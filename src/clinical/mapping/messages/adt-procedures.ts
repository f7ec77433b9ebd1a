import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import { instantOf, type MapContext } from '../context.ts';
import { mapSegment, placeOf } from '../segment-map.ts';
import { pr1 } from '../segments/pr1.ts';
import { procedurePerformer, roleOf } from '../segments/rol.ts';
import { type About, codeKeyOf, ownWrite, scopeOf } from './about.ts';
import { actionOf, isSnapshot, referenceTo, snapshotOf } from './snapshot.ts';

/** Who had a part in which procedure: ROL and PRT behind PR1. */
type Roles = ReadonlyMap<Segment, readonly Segment[]>;

interface In {
  readonly about: About;
  readonly roles: Roles | undefined;
  readonly context: MapContext;
}

/** PR1 as Procedures. A procedure is known by its number, or else by what was done when. */
export function procedureWrites(
  segments: readonly Segment[],
  about: About & { readonly roles?: Roles },
  context: MapContext,
): RecordWrite[] {
  if (segments.length === 0) return [];
  const writes = segments.flatMap(
    (segment) => procedure(segment, { about, roles: about.roles, context }) ?? [],
  );
  if (!isSnapshot(segments, 20)) return writes;
  const { patient, encounter } = about;
  const members = writes.map(referenceTo);
  return [...writes, snapshotOf(context, { group: 'procedures', patient, encounter, members })];
}

function procedure(segment: Segment, { about, roles, context }: In): RecordWrite | undefined {
  if (segment.field(3).state === 'null') return undefined;
  const number = segment.field(19).component(1).trim();
  const code = codeKeyOf(segment.field(3)) || segment.field(4).text.trim().toLowerCase();
  if (code === '') {
    context.findings.push({ place: placeOf(segment, 3), rule: 'a procedure has a code or a description' });
    return undefined;
  }
  const patch = mapSegment(pr1, segment, context);
  patch.set.status = actionOf(segment, 20) === 'D' ? 'entered-in-error' : statusOf(segment, context);
  const performers = (roles?.get(segment) ?? []).flatMap((role) => roleOf(role, context) ?? []);
  if (performers.length > 0) patch.set['performer@ROL-4'] = performers.map(procedurePerformer);
  if (about.encounter) patch.set.encounter = { reference: about.encounter };
  return ownWrite(context, {
    type: 'Procedure',
    key: `${scopeOf(about)}|${number === '' ? `${code}|${segment.field(5).text}` : `number|${number}`}`,
    patient: about.patient,
    patch,
    subject: 'subject',
  });
}

/** What is to be done after the message was made has not been done. A day or a year is compared as one. */
function statusOf(segment: Segment, context: MapContext): string {
  const text = segment.field(5).text.trim();
  const at = instantOf(text, context.zone);
  const made = context.eventTime.toISOString().replaceAll(/\D/g, '');
  const isAhead = at ? at > context.eventTime : /^\d{4,8}$/.test(text) && text > made.slice(0, text.length);
  return isAhead ? 'preparation' : 'completed';
}
