import type { Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { patientReference, type RecordWrite, resourceId } from '../../record/index.ts';
import { authorityOf, type SourcePatient } from '../../source-patients/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { firstOf } from '../convert.ts';
import { cx } from '../datatypes/cx.ts';
import { mention } from '../mention.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { pv1 as pv1Map } from '../segments/pv1.ts';
import { pv2 as pv2Map } from '../segments/pv2.ts';
import { writeOf } from '../write.ts';
import { scopeOfNumber } from './numbered.ts';

/** What a visit is known by. */
export interface VisitKey {
  readonly id: string;
  readonly key: string;
}

export interface VisitSegments {
  readonly pid: Segment;
  readonly pv1: Segment | undefined;
  readonly pv2?: Segment | undefined;
}

/**
 * The identity of a visit, first that is filled: PV1-19 visit number, PV1-50 alternate visit id, PID-18 account number, or the patient
 * together with the time of admission, PV1-44. Undefined when there is none: two visits must never become one.
 */
export function visitKeyOf(
  { pid, pv1 }: VisitSegments,
  patient: SourcePatient,
  context: MapContext,
): VisitKey | undefined {
  if (!pv1) return undefined;
  const numbers = [
    { kind: 'visit', field: pv1.field(19) },
    { kind: 'visit', field: pv1.field(50) },
    { kind: 'account', field: pid.field(18) },
  ];
  for (const { kind, field } of numbers) {
    const number = field.component(1).trim();
    if (number === '') continue;
    const scope = scopeOfNumber(field, context);
    const key = `${kind}|${number}`;
    return { id: resourceId('Encounter', scope, key), key: `${scope}|${key}` };
  }
  const admitted = pv1.field(44).text;
  if (admitted === '') return visitOfThisMessage(pv1, context);
  const key = `admitted|${patient.authority}|${patient.identifier}|${admitted}`;
  return { id: resourceId('Encounter', context.system, key), key };
}

/** See MapOptions.unidentified. */
function visitOfThisMessage(pv1: Segment, { options, system, message }: MapContext): VisitKey | undefined {
  if (options.unidentified !== 'message') return undefined;
  const key = `message|${message.header.controlId}|${pv1.occurrence}`;
  return { id: resourceId('Encounter', system, key), key };
}

/** PV1 and PV2 as Encounter, with what the event adds. Status and class are required, so they begin as unknown. */
export function encounterWriteOf(
  segments: VisitSegments & { pv1: Segment },
  context: MapContext,
  parts: { patient: SourcePatient; visit: VisitKey; copy: boolean; event?: Patch },
): RecordWrite {
  const patch = mapSegment(pv1Map, segments.pv1, context);
  if (segments.pv2) mapSegment(pv2Map, segments.pv2, context, patch);
  for (const slot of parts.event?.remove ?? []) {
    delete patch.set[slot];
    if (!patch.remove.includes(slot)) patch.remove.push(slot);
  }
  const { patient, visit, copy } = parts;
  const subject = { reference: patientReference(patient) };
  const episode = attempt(context, placeOf(segments.pv1, 54), () =>
    episodeOf(segments.pv1, patient, context),
  );
  if (episode) patch.set['episodeOfCare@PV1-54'] = [episode];
  const set = { ...patch.set, subject, ...parts.event?.set };
  return writeOf(context, {
    type: 'Encounter',
    ...visit,
    patient,
    patch: { set, remove: patch.remove },
    initial: {
      status: 'unknown',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK' },
    },
    copy,
  });
}

const DESCRIPTION = 'http://hl7.org/fhir/StructureDefinition/resource-instance-description';

/** PV1-54 → EpisodeOfCare, mentioned, with PV1-53 as its description (v2-to-FHIR guide, PV1[Encounter]). */
function episodeOf(pv1: Segment, patient: SourcePatient, context: MapContext): Reference | undefined {
  const field = pv1.field(54);
  const identifier = firstOf(field, cx, context);
  if (identifier?.value === undefined) return undefined;
  const description = pv1.field(53).text.trim();
  const authority = authorityOf(
    { namespace: field.component(4, 1), universalId: field.component(4, 2) },
    context.authorities,
  );
  return mention(context, {
    type: 'EpisodeOfCare',
    display: description || identifier.value,
    number: { authority, value: identifier.value },
    set: {
      identifier: [identifier],
      status: 'active',
      patient: { reference: patientReference(patient) },
      ...(description === '' ? {} : { extension: [{ url: DESCRIPTION, valueString: description }] }),
    },
  });
}

export const noVisitKey = (pv1: Segment, context: MapContext): void =>
  void context.findings.push({
    place: placeOf(pv1, 19),
    rule: 'a visit number, account number or time of admission is needed',
  });
