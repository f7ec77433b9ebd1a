import type { Reference } from '@medplum/fhirtypes';
import type { RecordWrite } from '../../record/index.ts';
import type { MapContext } from '../context.ts';
import { placeOf } from '../segment-map.ts';
import { diagnosticReportOf } from './diagnostic-report.ts';
import { categoriesOf, LABORATORY } from './observation-category.ts';
import { observationOf, observationTypeOf } from './observations.ts';
import { type About, aboutOf } from './order-patient.ts';
import { attachmentOf, isDocument } from './oru-document.ts';
import { findStrays, groupsOf, type OrderGroup, type PatientGroup } from './oru-groups.ts';
import {
  type IdentifiedResult,
  identifyResults,
  type OrderKey,
  orderKeyOf,
  type RequestKey,
  requestKeysOf,
} from './oru-keys.ts';
import { serviceRequestOf } from './service-request.ts';
import { type Sampled, type SeenSpecimens, specimensOf } from './specimens.ts';

/**
 * ORU^R01: each OBR a DiagnosticReport of the order that it answers, each OBX an Observation of it, each SPM a Specimen; patient, visit and
 * order are mentioned in passing.
 */
export function mapOru(context: MapContext): RecordWrite[] {
  const { patients, strays } = groupsOf(context.message);
  findStrays(strays, context);
  if (strays.length === 0 && patients.every(({ orders }) => orders.length === 0))
    context.findings.push({ place: 'OBR', rule: 'results have an OBR' });
  return patients.flatMap((group) => patientResult(group, context));
}

function patientResult(group: PatientGroup, context: MapContext): RecordWrite[] {
  const found = aboutOf(group, context);
  if (!found) return [];
  const requests = requestKeysOf(group.orders, context);
  const seen: SeenSpecimens = new Map();
  const orders = group.orders.flatMap((order) => {
    const request = requests.get(order);
    return request ? orderResult(order, context, { about: found.about, request, seen }) : [];
  });
  return [...found.writes, ...orders];
}

interface OfPatient {
  readonly about: About;
  readonly request: RequestKey;
  readonly seen: SeenSpecimens;
}

function orderResult(order: OrderGroup, context: MapContext, of: OfPatient): RecordWrite[] {
  const { obr } = order;
  if (!obr) return withoutDetail(order, context, of);
  const { about, request } = of;
  const orderKey = orderKeyOf(order, context);
  const sampled = specimensOf(order, context, { ...of, key: orderKey.key });
  const parts = partsOf(order, orderKey, context);
  const measured = parts.results.map((result) =>
    observationOf(result, context, { about, order, category: categoriesOf(obr, result), ...ofOne(sampled) }),
  );
  const told = parts.told.map((result) =>
    observationOf(result, context, { about, order, category: observationTypeOf(result) }),
  );
  const supportingInfo = told.map(({ id }) => ({ reference: `Observation/${id}` }));
  const specimens = sampled.references;
  return [
    ...sampled.writes,
    ...measured,
    ...told,
    ...ofSpecimens(order, context, { about, orderKey, specimens }),
    diagnosticReportOf({ order, obr, orderKey }, context, { about, ...parts, specimens, request }),
    serviceRequestOf(order, context, { about, request, specimens, supportingInfo, copy: true }),
  ];
}

/** An ORC without OBR: nobody says what the report is, and yet the results are somebody's. */
function withoutDetail(order: OrderGroup, context: MapContext, { about }: OfPatient): RecordWrite[] {
  const { orc, results } = order;
  if (orc) context.findings.push({ place: placeOf(orc, 1), rule: 'results have an OBR' });
  const documents = results.filter(isDocument);
  findStrays(
    documents.map(({ obx }) => obx),
    context,
  );
  const measured = results.filter((result) => !isDocument(result));
  return identifyResults(measured, orderKeyOf(order, context), context).map((result) =>
    observationOf(result, context, { about, order, category: [LABORATORY, ...observationTypeOf(result)] }),
  );
}

/** OBX-29: answers and other things that were told with the order, and are no results (v2-to-FHIR guide, ORU_R01). */
const TOLD: ReadonlySet<string> = new Set(['QST', 'SCI']);

function partsOf(order: OrderGroup, orderKey: OrderKey, context: MapContext) {
  const documents = [order, ...order.specimens].flatMap(({ results }) => results.filter(isDocument));
  const identified = identifyResults(
    order.results.filter((result) => !isDocument(result)),
    orderKey,
    context,
  );
  const isTold = ({ obx }: IdentifiedResult) => TOLD.has(obx.field(29).text);
  return {
    results: identified.filter((result) => !isTold(result)),
    told: identified.filter(isTold),
    attachments: documents.flatMap(({ obx }) => attachmentOf(obx, context) ?? []),
  };
}

/** The specimen that all results of an order are of, when it is one. */
const ofOne = ({ references }: Sampled): { specimen?: Reference } => {
  const [specimen] = references;
  return specimen && references.length === 1 ? { specimen } : {};
};

/** OBX after SPM: what was seen of the specimen itself. It is no result of the report. */
function ofSpecimens(
  order: OrderGroup,
  context: MapContext,
  { about, orderKey, specimens }: { about: About; orderKey: OrderKey; specimens: readonly Reference[] },
): RecordWrite[] {
  return order.specimens.flatMap(({ results }, index) => {
    const specimen = specimens[index];
    const key = `${orderKey.key}|specimen|${index + 1}`;
    const observed = results.filter((result) => !isDocument(result));
    return identifyResults(observed, { key }, context).map((result) =>
      observationOf(result, context, {
        about,
        order,
        category: observationTypeOf(result),
        ...(specimen ? { specimen, focus: specimen } : {}),
      }),
    );
  });
}
