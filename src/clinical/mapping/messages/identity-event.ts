import type { Field, Hl7Message, Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import {
  type SourcePatient,
  sourcePatientOfPid,
  sourcePatientsOfField,
} from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { emptyPatch, mapSegment, placeOf } from '../segment-map.ts';
import { pd1 } from '../segments/pd1.ts';
import { codeTable } from '../tables.ts';
import { numberedId } from './numbered.ts';
import { patientWriteOf } from './patient.ts';

/** What is done to whom. `change-id`: the same patient, account or visit under a new number. */
type Kind = 'merge' | 'move' | 'link' | 'unlink' | 'change-id' | 'delete';
type Level = 'person' | 'patient' | 'account' | 'visit';

/** An event of 2.5.1 chapter 3 about who is who. It is recognised here, and carried out by who owns identity. */
export interface IdentityEvent {
  /** `A40`. */
  readonly event: string;
  readonly kind: Kind;
  readonly level: Level;
  /** In the order in which they are to be done, all or none. */
  readonly pairs: readonly IdentityPair[];
}

export interface IdentityPair {
  /** PID-3: who stays, or, for a link, the one. First the number by which everything else of this sender is filed. */
  readonly patients: readonly SourcePatient[];
  /** MRG-1: who goes; for a link or unlink the other PID-3. */
  readonly former: readonly SourcePatient[];
  /** PID-18 and MRG-3. */
  readonly account?: Renumbered;
  /** PV1-19 and MRG-5; of A51 PV1-50 and MRG-6. */
  readonly visit?: Renumbered;
}

interface Renumbered {
  readonly type: 'Account' | 'Encounter';
  /** As it is filed by the number of before: MRG, or where that says none, the number that stays. */
  readonly id: string;
  /** CX-1 now; empty where the message says none. */
  readonly now: string;
  /** CX-1 before; empty where the number stays. */
  readonly before: string;
}

const kinds: Readonly<Record<string, readonly [Kind, Level]>> = codeTable<readonly [Kind, Level]>({
  A18: ['merge', 'patient'],
  A24: ['link', 'patient'],
  A29: ['delete', 'person'],
  A30: ['merge', 'person'],
  A34: ['merge', 'patient'],
  A35: ['merge', 'account'],
  A36: ['merge', 'patient'],
  A37: ['unlink', 'patient'],
  A39: ['merge', 'person'],
  A40: ['merge', 'patient'],
  A41: ['merge', 'account'],
  A42: ['merge', 'visit'],
  A43: ['move', 'patient'],
  A44: ['move', 'account'],
  A45: ['move', 'visit'],
  A46: ['change-id', 'person'],
  A47: ['change-id', 'patient'],
  A48: ['change-id', 'patient'],
  A49: ['change-id', 'account'],
  A50: ['change-id', 'visit'],
  A51: ['change-id', 'visit'],
});

/** Is it about who is who? Then it says nothing of a visit. */
export const isIdentityEvent = ({ header }: Hl7Message): boolean =>
  header.messageCode === 'ADT' && kinds[header.triggerEvent] !== undefined;

/** An event that names nobody, or only one where it takes two, is a finding and no event. */
export function identityEventOf(context: MapContext): IdentityEvent | undefined {
  const { message } = context;
  const event = message.header.triggerEvent;
  const known = kinds[event];
  if (!known) return undefined;
  const [kind, level] = known;
  const isBetweenPids = kind === 'link' || kind === 'unlink';
  const pairs = isBetweenPids ? pairsOfPids(context) : pairsWithMrg(context);
  const lacks = ({ patients, former }: IdentityPair) =>
    patients.length === 0 || (needsFormer(known) && former.length === 0);
  if (pairs.length > 0 && !pairs.some(lacks)) return { event, kind, level, pairs };
  const pid = message.segment('PID');
  context.findings.push({
    place: pid ? placeOf(pid, 3) : 'PID',
    rule: `${event} names whom it is about by number (PID-3, MRG-1)`,
  });
  return undefined;
}

/** At other levels MRG may leave the patient out, who is the same. */
const needsFormer = ([kind, level]: readonly [Kind, Level]): boolean =>
  kind === 'link' || kind === 'unlink' || ((level === 'patient' || level === 'person') && kind !== 'delete');

/** {PID [PD1] MRG [PV1]}, repeated. */
function pairsWithMrg(context: MapContext): IdentityPair[] {
  const { message, authorities } = context;
  const found: { pid: Segment; mrg?: Segment; pv1?: Segment }[] = [];
  for (const segment of message.segments()) {
    const last = found.at(-1);
    if (segment.name === 'PID') found.push({ pid: segment });
    else if (last && segment.name === 'MRG') last.mrg ??= segment;
    else if (last && segment.name === 'PV1') last.pv1 ??= segment;
  }
  return found.map(({ pid, mrg, pv1 }) => ({
    patients: numbersOf(pid, { message, authorities }),
    former: mrg ? sourcePatientsOfField(mrg.field(1), message, authorities) : [],
    ...renumbered('account', { now: pid.field(18), before: mrg?.field(3) }, context),
    ...renumbered(
      'visit',
      message.header.triggerEvent === 'A51'
        ? { now: pv1?.field(50), before: mrg?.field(6) }
        : { now: pv1?.field(19), before: mrg?.field(5) },
      context,
    ),
  }));
}

interface Numbers {
  readonly now: Field | undefined;
  readonly before: Field | undefined;
}

function renumbered(
  name: 'account' | 'visit',
  { now, before }: Numbers,
  context: MapContext,
): { account?: Renumbered; visit?: Renumbered } {
  const type = name === 'account' ? 'Account' : 'Encounter';
  const id = numberedId(type, before, context) ?? numberedId(type, now, context);
  if (id === undefined) return {};
  const text = (field: Field | undefined) => field?.component(1).trim() ?? '';
  return { [name]: { type, id, now: text(now), before: text(before) } };
}

/** PID [PV1] PID [PV1] of A24 and A37. */
function pairsOfPids({ message, authorities }: MapContext): IdentityPair[] {
  const [one, other] = message.segments('PID');
  if (!one || !other) return [];
  const parts = { message, authorities };
  return [{ patients: numbersOf(one, parts), former: numbersOf(other, parts) }];
}

function numbersOf(
  pid: Segment,
  { message, authorities }: Pick<MapContext, 'message' | 'authorities'>,
): SourcePatient[] {
  const all = sourcePatientsOfField(pid.field(3), message, authorities);
  const filed = sourcePatientOfPid(pid, message, authorities);
  const isFiled = ({ authority, identifier }: SourcePatient) =>
    authority === filed?.authority && identifier === filed.identifier;
  return [...all.filter(isFiled).slice(0, 1), ...all.filter((one) => !isFiled(one))];
}

/**
 * What the PIDs say of those who stay: in passing, because changes of demographics come with an A31 (2.5.1, 3.3.40). Who was deleted is no longer
 * active (A29), and stays in the record.
 */
export function mentionedBy(context: MapContext, { kind }: IdentityEvent): RecordWrite[] {
  const { message, authorities } = context;
  const found: { pid: Segment; pd1?: Segment }[] = [];
  for (const segment of message.segments()) {
    const last = found.at(-1);
    if (segment.name === 'PID') found.push({ pid: segment });
    else if (last && segment.name === 'PD1') last.pd1 ??= segment;
  }
  return found.flatMap(({ pid, pd1: additional }) => {
    const patient = sourcePatientOfPid(pid, message, authorities);
    if (!patient) return [];
    context.mentions.about = `${patient.authority}|${patient.identifier}`;
    const more = emptyPatch();
    if (additional) mapSegment(pd1, additional, context, more);
    if (kind === 'delete') more.set.active = false;
    return [patientWriteOf(pid, context, { patient, copy: kind !== 'delete', more })];
  });
}
