import type { Patient, Resource } from '@medplum/fhirtypes';
import {
  type Envelope,
  type Profile,
  type RenderedMessage,
  render,
  type VisitFacts,
  visitCharges,
  visitNote,
} from '../../clinical/mapping/index.ts';
import { patientKey } from '../../clinical/source-patients/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { RecordWrite } from '../../trust/access/index.ts';
import { checkVisit } from './check.ts';
import type { VisitReport } from './report.ts';
import { visitFacts } from './resources.ts';

export interface CloseVisitOptions {
  /** The reporting system, by its name in the configuration. */
  readonly system: string;
  /** The report's key, the same for every repeat. */
  readonly idempotencyKey: string;
  readonly receivedAt: Date;
  readonly messageId?: number;
  /** Who the messages are from and to, and the clocks they are written in. */
  readonly sender: Envelope['sender'];
  readonly receiver: Envelope['receiver'];
  readonly zone: string;
  readonly processingId?: string;
  /** The patient as the record has them: a receiver wants their name. */
  readonly patient?: Patient;
  /** The receiver's profiles. Default: the note as MDM^T02, then the charges, if any, as DFT^P03. */
  readonly profiles?: readonly Profile<VisitFacts>[];
}

export interface ClosedVisit {
  /** `Encounter/…`. */
  readonly encounter: string;
  /** Ordering keys, those of the patient's other messages. */
  readonly keys: readonly string[];
  readonly writes: readonly RecordWrite[];
  readonly messages: readonly RenderedMessage[];
}

/**
 * Closes a virtual visit from the JSON that a platform posts (report.ts). The same report and options give the same result. Throws INVALID_RESOURCE
 * that names every mistake by place and rule, and Hl7Error for text that no message can carry.
 */
export function closeVisit(input: unknown, options: CloseVisitOptions): ClosedVisit {
  const { visit: report, mistakes } = checkVisit(input);
  if (!report) {
    const [first] = mistakes;
    const rule = mistakes.map((mistake) => `${mistake.place}: ${mistake.rule}`).join('; ');
    throw new IsthmusError('INVALID_RESOURCE', { place: first?.place ?? 'body', rule });
  }
  const visitKey = visitKeyOf(report, options);
  const { system, patient } = options;
  const facts = visitFacts(report, { system, visitKey, ...(patient ? { patient } : {}) });
  const { encounter, note, conditions, charges } = facts;
  const profiles = options.profiles ?? (charges.length > 0 ? [visitNote, visitCharges] : [visitNote]);
  return {
    encounter: `Encounter/${encounter.id}`,
    keys: [patientKey(report.patient)],
    writes: [encounter, note, ...conditions, ...charges].map((resource) =>
      writeOf(resource, report, { visitKey, options }),
    ),
    messages: profiles.map((profile) => render(profile, facts, { ...options, at: options.receivedAt })),
  };
}

/** What stands for the visit: the platform's number, its appointment, or the report itself. */
function visitKeyOf(report: VisitReport, { idempotencyKey }: CloseVisitOptions): string {
  if (report.encounter) return `visit|${report.encounter.identifier}`;
  return report.appointment === undefined ? `report|${idempotencyKey}` : `appointment|${report.appointment}`;
}

function writeOf(
  resource: Resource,
  report: VisitReport,
  { visitKey, options }: { visitKey: string; options: CloseVisitOptions },
): RecordWrite {
  const { resourceType: type, id = '', ...set } = resource;
  const { system, messageId, receivedAt } = options;
  const { authority, identifier } = report.patient;
  return {
    type,
    id,
    key: visitKey,
    origin: {
      system,
      patient: { authority, identifier },
      eventTime: receivedAt,
      ...(messageId === undefined ? {} : { messageId }),
    },
    set,
  };
}
