import type { Attachment } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { SourcePatient } from '../../identity/index.ts';
import { type Elements, patientReference, type RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { v2Table } from '../datatypes/cwe.ts';
import { mapSegment, type Patch } from '../segment-map.ts';
import { notesText } from '../segments/nte.ts';
import { obr as obrMap } from '../segments/obr.ts';
import { obx as obxMap } from '../segments/obx.ts';
import { DOCUMENT_TYPES } from '../segments/obx-value.ts';
import { codeTable } from '../tables.ts';
import { writeOf } from '../write.ts';
import { encounterWriteOf, visitKeyOf } from './encounter.ts';
import { attachmentOf } from './oru-document.ts';
import { type OrderResult, oruGroups, type PatientResult } from './oru-groups.ts';
import { type IdentifiedResult, identifyResults, type OrderKey, orderKeyOf } from './oru-keys.ts';
import { patientOf, patientWriteOf } from './patient.ts';

const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const UNKNOWN = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
};

/** Above this the list of a report's results is replaced as a whole instead of result by result. */
const MAX_SINGLE_RESULTS = 200;

/** ORU^R01: each OBR a DiagnosticReport, each OBX an Observation of it; patient and visit are mentioned in passing. */
export function mapOru(context: MapContext): RecordWrite[] {
  const { patients, strays } = oruGroups(context.message);
  for (const obx of strays)
    context.findings.push({ place: `OBX^${obx.occurrence}`, rule: 'an OBX follows an OBR' });
  return patients.flatMap((group) => patientResult(group, context));
}

interface About {
  readonly patient: SourcePatient;
  /** What every resource of the group carries. */
  readonly common: Elements;
}

function patientResult(group: PatientResult, context: MapContext): RecordWrite[] {
  const { pid, pv1 } = group;
  const patient = patientOf(pid, context);
  if (!pid || !patient) return [];
  const writes = [patientWriteOf(pid, context, { patient, copy: true })];
  const visit = visitKeyOf({ pid, pv1 }, patient, context);
  if (pv1 && visit) writes.push(encounterWriteOf({ pid, pv1 }, context, { patient, visit, copy: true }));
  const common = {
    subject: { reference: patientReference(patient) },
    ...(visit ? { encounter: { reference: `Encounter/${visit.id}` } } : {}),
  };
  for (const order of group.orders) writes.push(...orderResult(order, context, { patient, common }));
  return writes;
}

function orderResult(order: OrderResult, context: MapContext, about: About): RecordWrite[] {
  const orderKey = orderKeyOf(order, context);
  const documents = order.results.filter(({ obx }) => DOCUMENT_TYPES.has(obx.field(2).text));
  const measured = order.results.filter(({ obx }) => !DOCUMENT_TYPES.has(obx.field(2).text));
  const results = identifyResults(measured, orderKey, context);
  const observations = results.map((result) => observation(result, order, { context, about }));
  const attachments = documents.flatMap(({ obx }) => attachmentOf(obx, context) ?? []);
  return [...observations, report(order, orderKey, { context, about, results, attachments })];
}

interface ReportParts {
  readonly context: MapContext;
  readonly about: About;
  readonly results: readonly IdentifiedResult[];
  readonly attachments: readonly Attachment[];
}

function report(order: OrderResult, orderKey: OrderKey, parts: ReportParts): RecordWrite {
  const { context, about, results, attachments } = parts;
  const patch = mapSegment(obrMap, order.obr, context);
  Object.assign(patch.set, about.common);
  listResults(results, patch);
  if (attachments.length > 0) patch.set['presentedForm@OBX-5'] = attachments;
  return writeOf(context, {
    type: 'DiagnosticReport',
    id: orderKey.reportId,
    key: orderKey.key,
    patient: about.patient,
    patch,
    initial: {
      status: 'unknown',
      code: UNKNOWN,
      category: [{ coding: [{ system: v2Table('0074'), code: 'LAB' }] }],
    },
  });
}

/** A message may bring the results one by one, so each is a slot of its own: those of earlier messages stay, deleted ones (OBX-11 D) go. */
function listResults(results: readonly IdentifiedResult[], patch: Patch): void {
  const reference = ({ id }: IdentifiedResult) => ({ reference: `Observation/${id}` });
  if (results.length > MAX_SINGLE_RESULTS) {
    patch.set.result = results.filter(({ obx }) => obx.field(11).text !== 'D').map(reference);
    return;
  }
  for (const result of results) {
    const slot = `result[reference=Observation/${result.id}]`;
    if (result.obx.field(11).text === 'D') patch.remove.push(slot);
    else patch.set[slot] = [reference(result)];
  }
}

function observation(
  result: IdentifiedResult,
  order: OrderResult,
  { context, about }: { context: MapContext; about: About },
): RecordWrite {
  const patch = mapSegment(obxMap, result.obx, context);
  Object.assign(patch.set, about.common);
  patch.set.category = [categoryOf(order.obr)];
  const note = notesText(result.notes, context);
  if (note !== undefined) patch.set.note = [{ text: note }];
  if (result.joinedText !== undefined) patch.set['value[x]'] = { String: result.joinedText };
  return writeOf(context, {
    type: 'Observation',
    id: result.id,
    key: result.key,
    patient: about.patient,
    patch,
    initial: { status: 'unknown', code: UNKNOWN, ...whenTaken(order, context) },
  });
}

/** An OBX without OBX-14 was observed when its order was (2.5.1, OBX-14). */
function whenTaken(order: OrderResult, context: MapContext): Elements {
  const { set } = mapSegment({ ...obrMap, rows: obrMap.rows.filter(({ field }) => field === 7) }, order.obr, {
    ...context,
    findings: [],
  });
  return set;
}

/** OBR-24 (table 0074) tells images and others from the laboratory, which is what ORU carries when it says nothing. */
const SECTIONS = codeTable({
  RAD: 'imaging',
  CT: 'imaging',
  CTH: 'imaging',
  CUS: 'imaging',
  MRI: 'imaging',
  NMR: 'imaging',
  NMS: 'imaging',
  RUS: 'imaging',
  RX: 'imaging',
  VUS: 'imaging',
  XRC: 'imaging',
  OUS: 'imaging',
  EC: 'procedure',
  EN: 'procedure',
  PHR: 'procedure',
});

function categoryOf(obr: Segment): object {
  return { coding: [{ system: OBSERVATION_CATEGORY, code: SECTIONS[obr.field(24).text] ?? 'laboratory' }] };
}
