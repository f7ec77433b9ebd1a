import type {
  Annotation,
  Attachment,
  DiagnosticReport,
  Observation,
  Reference,
  ServiceRequest,
  Specimen,
} from '@medplum/fhirtypes';
import { reportStatus } from '../tables.ts';
import { resolve, type WriteContext, type Writer } from './context.ts';
import { coded, cwe, inverse } from './datatypes/cwe.ts';
import { ei } from './datatypes/cx.ts';
import { dtm } from './datatypes/dtm.ts';
import { attachmentType, fileOf } from './datatypes/ed.ts';
import { ofField } from './datatypes/marks.ts';
import { ndlOf } from './datatypes/ndl.ts';
import { xcnOf } from './datatypes/person.ts';
import { type Fields, from, fromEach, needed, type Sourced } from './fields.ts';
import { group } from './parts.ts';
import { each, profile } from './profile.ts';
import type { Related } from './render.ts';
import { type KinFacts, nextOfKin } from './segments/nk1.ts';
import { notes } from './segments/nte.ts';
import { obrOrder, urgency } from './segments/obr-order.ts';
import { numbered } from './segments/observed.ts';
import { obx, said } from './segments/obx.ts';
import { linesOf, type ObxLine } from './segments/obx-lines.ts';
import { orc, type SentOrder } from './segments/orc.ts';
import { fillerOf, placerOf } from './segments/order-numbers.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { spm } from './segments/spm.ts';
import { timesOfOrder, tq1 } from './segments/tq1.ts';

/** What one OBR reports. */
export interface SentResult {
  /** Without a report the observations are one of their own: device readings. */
  readonly report: DiagnosticReport;
  /** Those of the report that are not among `related`. */
  readonly observations?: readonly Observation[];
}

export interface ResultFacts extends PatientFacts, VisitOfFacts, KinFacts, Related {
  readonly results: readonly SentResult[];
}

/** Readings that nobody reported as a whole, as a final report of that code, so that ORU can carry them. */
export function readings(
  code: DiagnosticReport['code'],
  observations: readonly Observation[],
  identifier: DiagnosticReport['identifier'] = [],
): SentResult {
  const times = observations.flatMap((one) => one.effectiveDateTime ?? one.effectiveInstant ?? []).sort();
  const [first] = times;
  return {
    report: {
      resourceType: 'DiagnosticReport',
      status: 'final',
      code,
      ...(identifier.length > 0 ? { identifier: [...identifier] } : {}),
      ...(first === undefined ? {} : { effectiveDateTime: first }),
    },
    observations,
  };
}

const REPORT_NOTE = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note';
const SECTIONS = 'http://terminology.hl7.org/CodeSystem/v2-0074';

/** 0123. What FHIR tells apart and the table does not is the nearest, never a more final one. */
const status = coded('0123', {
  ...inverse(reportStatus),
  partial: 'A',
  registered: 'O',
  preliminary: 'P',
  final: 'F',
  amended: 'C',
  corrected: 'C',
  appended: 'C',
  cancelled: 'X',
  'entered-in-error': 'X',
});

const requestOf = ({ report }: SentResult, context: WriteContext): ServiceRequest | undefined =>
  (report.basedOn ?? []).flatMap((reference) => resolve(context, reference, 'ServiceRequest') ?? [])[0];
/** The results, and what was told with the order (OBX-29 QST, SCI). */
const observationsOf = (result: SentResult, context: WriteContext): Observation[] => {
  const told: readonly Reference[] = requestOf(result, context)?.supportingInfo ?? [];
  const listed = [...(result.report.result ?? []), ...told];
  const known = listed.flatMap((reference) => resolve(context, reference, 'Observation') ?? []);
  return [...known, ...(result.observations ?? [])];
};

/** What was seen of a specimen itself. */
const seenOf = (specimen: Specimen, { known }: WriteContext): ObxLine[] =>
  [...known.values()]
    .flatMap((one) => (one.resourceType === 'Observation' ? [one] : []))
    .filter(({ focus = [] }) => focus.some(({ reference }) => reference === `Specimen/${specimen.id}`))
    .flatMap(linesOf);
const specimensOf = ({ report }: SentResult, context: WriteContext): Specimen[] =>
  (report.specimen ?? []).flatMap((reference) => resolve(context, reference, 'Specimen') ?? []);
const notesOf = ({ report: { extension = [] } }: SentResult): Annotation[] =>
  extension.flatMap(({ url, valueAnnotation }) =>
    url === REPORT_NOTE && valueAnnotation ? [valueAnnotation] : [],
  );

const placer = from(
  'DiagnosticReport.identifier of the placer',
  (result: SentResult, context) =>
    placerOf(result.report.identifier) ?? placerOf(requestOf(result, context)?.identifier),
  ei,
);
const filler = from(
  'DiagnosticReport.identifier of the filler',
  (result: SentResult, context) =>
    fillerOf(result.report.identifier) ?? fillerOf(requestOf(result, context)?.identifier),
  ei,
);
/** What the order says that is answered, as an order would be sent: ORC and OBR of a result repeat it. */
function ofRequest(fields: Fields<SentOrder>, numbers: readonly number[]): Fields<SentResult> {
  const rows = numbers.flatMap((number) => {
    const rule = fields[number];
    if (typeof rule !== 'object') return [];
    const write: Sourced<SentResult>['write'] = (result, context) => {
      const request = requestOf(result, context);
      return request && rule.write({ request, control: 'RE' }, context);
    };
    return [[number, { from: rule.from, write }] as const];
  });
  return Object.fromEntries(rows);
}

const orcFields: Fields<SentResult> = {
  ...ofRequest(orc, [4, 5, 8, 12, 14, 16, 21, 22, 23, 24, 29, 33, 38]),
  1: 'RE',
  2: placer,
  3: filler,
};

const section: Writer<DiagnosticReport> = ({ category = [] }) =>
  category.flatMap(({ coding = [] }) => coding).find(({ system }) => system === SECTIONS)?.code;

const obrFields: Fields<SentResult> = {
  ...ofRequest({ ...obrOrder, 5: urgency }, [5, 6, 11, 13, 16, 17, 29, 31, 46, 47]),
  1: numbered,
  2: placer,
  3: filler,
  4: needed(from('DiagnosticReport.code', ({ report }) => report.code, cwe)),
  7: from(
    'DiagnosticReport.effective[x]',
    ({ report }) => report.effectiveDateTime ?? report.effectivePeriod?.start,
    dtm,
  ),
  8: from('DiagnosticReport.effectivePeriod.end', ({ report }) => report.effectivePeriod?.end, dtm),
  22: from('DiagnosticReport.issued', ({ report }) => report.issued, dtm),
  24: from('DiagnosticReport.category', ({ report }) => report, section),
  10: fromEach(
    'Specimen.collection.collector',
    (result, context) =>
      specimensOf(result, context)
        .flatMap(({ collection }) => collection?.collector ?? [])
        .slice(0, 1),
    xcnOf,
  ),
  32: fromEach(
    'DiagnosticReport.resultsInterpreter',
    ({ report }) => ofField(report.resultsInterpreter, 'OBR-32', () => true),
    ndlOf,
  ),
  33: fromEach(
    'DiagnosticReport.resultsInterpreter from OBR-33',
    ({ report }) => ofField(report.resultsInterpreter, 'OBR-33'),
    ndlOf,
  ),
  34: fromEach(
    'DiagnosticReport.performer from OBR-34',
    ({ report }) => ofField(report.performer, 'OBR-34'),
    ndlOf,
  ),
  35: fromEach(
    'DiagnosticReport.performer from OBR-35',
    ({ report }) => ofField(report.performer, 'OBR-35'),
    ndlOf,
  ),
  39: fromEach(
    'Specimen.note from OBR-39',
    (result, context) =>
      specimensOf(result, context)
        .slice(0, 1)
        .flatMap(({ note }) => ofField(note, 'OBR-39')),
    ({ text }) => (text === undefined ? undefined : ['', text]),
  ),
  25: from('DiagnosticReport.status', ({ report }) => said(report.status), status),
};

/**
 * ORU^R01, unsolicited observation (2.5.1, 7.3.1): each report an OBR of the order that it answers, each result an OBX with its notes, documents as
 * further OBX, and the specimens.
 */
export const results = profile<ResultFacts>()({
  message: 'ORU^R01',
  parts: {
    PID: pid<ResultFacts>(),
    PD1: pd1<ResultFacts>(),
    NK1: nextOfKin<ResultFacts>(),
    PV1: pv1<ResultFacts>(),
    PV2: pv2<ResultFacts>(),
    REPORT: group((facts: ResultFacts): readonly SentResult[] => facts.results, {
      ORC: each<SentResult, SentResult>('ORC', (result) => [result], orcFields),
      OBR: each<SentResult, SentResult>('OBR', (result) => [result], obrFields),
      NTE: notes<SentResult>(notesOf),
      TQ1: tq1<SentResult>((result, context) => {
        const request = requestOf(result, context);
        return request?.occurrenceTiming || request?.quantityQuantity ? timesOfOrder(request) : [];
      }),
      RESULT: group(
        (result: SentResult, context): readonly ObxLine[] => observationsOf(result, context).flatMap(linesOf),
        {
          OBX: each<ObxLine, ObxLine>('OBX', (line) => [line], {
            ...obx,
            1: numbered,
          }),
          NTE: notes<ObxLine>(({ observation }) => observation.note ?? []),
        },
      ),
      DOCUMENT: each<SentResult, Attachment>(
        'OBX',
        ({ report }) => ofField(report.presentedForm, 'OBX-5', () => true),
        {
          1: numbered,
          2: { from: 'DiagnosticReport.presentedForm', write: attachmentType },
          3: from(
            'DiagnosticReport.presentedForm.title',
            ({ title }) => title ?? 'Document',
            (title) => ['', title],
          ),
          5: from('DiagnosticReport.presentedForm', (attachment) => attachment, fileOf),
          11: 'F',
        },
      ),
      SPECIMEN: group(specimensOf, {
        SPM: each<Specimen, Specimen>('SPM', (specimen) => [specimen], { ...spm, 1: numbered }),
        OBX: each<Specimen, ObxLine>('OBX', seenOf, { ...obx, 1: numbered }),
      }),
    }),
  },
});
