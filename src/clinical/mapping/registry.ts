import { al1 } from './segments/al1.ts';
import { dg1Condition } from './segments/dg1-condition.ts';
import { ft1 } from './segments/ft1.ts';
import { gt1 } from './segments/gt1.ts';
import { iam } from './segments/iam.ts';
import { in1Coverage, in2Coverage } from './segments/in1-coverage.ts';
import { in1Subscriber, in2Subscriber } from './segments/in1-subscriber.ts';
import { nk1Contact } from './segments/nk1-contact.ts';
import { nk1RelatedPerson } from './segments/nk1-related-person.ts';
import { obr } from './segments/obr.ts';
import { obrServiceRequest } from './segments/obr-service-request.ts';
import { obrSpecimen } from './segments/obr-specimen.ts';
import { obx } from './segments/obx.ts';
import { orcDiagnosticReport } from './segments/orc-diagnostic-report.ts';
import { orcImmunization } from './segments/orc-immunization.ts';
import { orcMedicationRequest } from './segments/orc-medication-request.ts';
import { orcServiceRequest } from './segments/orc-service-request.ts';
import { pd1 } from './segments/pd1.ts';
import { pid } from './segments/pid.ts';
import { pr1 } from './segments/pr1.ts';
import { pv1 } from './segments/pv1.ts';
import { pv1Patient } from './segments/pv1-patient.ts';
import { pv2 } from './segments/pv2.ts';
import { rxa } from './segments/rxa.ts';
import { rxe, rxo } from './segments/rxe.ts';
import { rxrImmunization } from './segments/rxr.ts';
import { sch } from './segments/sch.ts';
import { spm } from './segments/spm.ts';
import { tq1ServiceRequest } from './segments/tq1-service-request.ts';
import { txa } from './segments/txa.ts';

/** One line of a table as a report reads it. */
export interface TableRow {
  readonly field: number;
  /** The slot (clinical/record slot.ts). */
  readonly to: string;
  readonly with?: readonly number[];
}

/** What a segment becomes. Of one segment there may be several tables, each for a resource of its own. */
export interface Table {
  readonly segment: string;
  readonly resource: string;
  /** The element of the resource that it makes, where it makes no whole one. */
  readonly part?: string;
  readonly rows: readonly TableRow[];
  readonly elsewhere: readonly number[];
}

/** Every table of segments/, for reports; a test demands that none is missing. */
export const tables: readonly Table[] = [
  ...[pid, pd1, { ...nk1Contact, part: 'contact' }, nk1RelatedPerson, gt1],
  ...[pv1, pv1Patient, pv2, al1, iam, dg1Condition, pr1],
  ...[in1Coverage, in1Subscriber, in2Coverage, in2Subscriber],
  ...[orcServiceRequest, orcDiagnosticReport, obr, obrServiceRequest, obrSpecimen, tq1ServiceRequest],
  ...[obx, spm, sch, txa, ft1],
  ...[orcImmunization, rxa, rxrImmunization, orcMedicationRequest, rxo, rxe],
];
