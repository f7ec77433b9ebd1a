import type { Attachment, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { v2Table } from '../datatypes/cwe.ts';
import { mapSegment, type Patch } from '../segment-map.ts';
import { annotationsOf } from '../segments/nte.ts';
import { obr as obrMap } from '../segments/obr.ts';
import { orcDiagnosticReport } from '../segments/orc-diagnostic-report.ts';
import { writeOf } from '../write.ts';
import { UNKNOWN } from './observations.ts';
import type { About } from './order-patient.ts';
import type { OrderGroup } from './oru-groups.ts';
import type { IdentifiedResult, OrderKey, RequestKey } from './oru-keys.ts';
import { overlaid, patchOf } from './patches.ts';
import { partiesIn } from './roles.ts';

/** R5 has notes of reports; in R4 this is their extension. */
const REPORT_NOTE = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note';

/** Above this the list of a report's results is replaced as a whole instead of result by result. */
const MAX_SINGLE_RESULTS = 200;

export interface ReportParts {
  readonly about: About;
  readonly results: readonly IdentifiedResult[];
  readonly attachments: readonly Attachment[];
  readonly specimens: readonly Reference[];
  readonly request: RequestKey;
}

/** OBR with its ORC as the report of the results. */
export function diagnosticReportOf(
  { order, obr, orderKey }: { order: OrderGroup; obr: Segment; orderKey: OrderKey },
  context: MapContext,
  parts: ReportParts,
): RecordWrite {
  const { about, results, attachments, specimens, request } = parts;
  const patch = overlaid([
    mapSegment(obrMap, obr, context),
    patchOf(orcDiagnosticReport, order.orc, context),
  ]);
  Object.assign(patch.set, about.common, { basedOn: [{ reference: `ServiceRequest/${request.id}` }] });
  setRoles(order, context, patch);
  listResults(results, patch);
  if (specimens.length > 0) patch.set.specimen = specimens;
  if (attachments.length > 0) patch.set['presentedForm@OBX-5'] = attachments;
  const notes = annotationsOf(order.notes, context)?.map((valueAnnotation) => ({
    url: REPORT_NOTE,
    valueAnnotation,
  }));
  if (notes) patch.set[`extension[url=${REPORT_NOTE}]`] = notes;
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

const INTERPRETERS: ReadonlySet<string> = new Set(['PRI']);
const PERFORMERS: ReadonlySet<string> = new Set(['ARI', 'TN', 'TR']);

/** PRT behind OBR (v2-to-FHIR guide, ORU_R01): who reads the results, and who helps or writes. */
function setRoles({ roles }: OrderGroup, context: MapContext, { set }: Patch): void {
  if (!roles) return;
  const interpreters = partiesIn(roles, INTERPRETERS, context);
  if (interpreters.length > 0) set['resultsInterpreter@PRT-5'] = interpreters;
  const performers = partiesIn(roles, PERFORMERS, context);
  if (performers.length > 0) set['performer@PRT-5'] = performers;
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
