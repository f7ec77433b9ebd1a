import type { Patient } from '@medplum/fhirtypes';
import { z } from 'zod';
import { closeVisit } from '../../../care/visits/index.ts';
import { Message, type StepKind } from '../../../exchange/channels/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { RecordWrite } from '../../../trust/access/index.ts';
import { patientId } from '../../../trust/access/index.ts';

const party = z.strictObject({ application: z.string().min(1).max(180), facility: z.string().max(180) });

const options = z.strictObject({
  /** MSH-3 and MSH-4 of the note and the charges. */
  sender: party.default({ application: 'ISTHMUS', facility: '' }),
  /** MSH-5 and MSH-6. */
  receiver: party.default({ application: '', facility: '' }),
  /** The clocks that times are written in: an IANA zone or an offset. */
  zone: z.string().min(1).max(64).default('UTC'),
  processingId: z.enum(['P', 'T', 'D']).default('P'),
});
type CloseVisitStepOptions = z.infer<typeof options>;

/** What the record effect takes in place of mapping the message itself. */
export const closeVisitFact = 'closeVisit';
export interface CloseVisitFact {
  readonly writes: readonly RecordWrite[];
}

/** Looks the patient up as the record has them; undefined when it knows nothing of them. */
export type ReadPatient = (id: string) => Promise<Patient | undefined>;

/**
 * `closeVisit()`: a finished virtual visit becomes resources for the record, a note (MDM^T02) and charges (DFT^P03). The report's key is the
 * message's correlation id, which stays the same over repeats and replays, so these make the same resources and control ids.
 */
export const closeVisitStep = (readPatient: ReadPatient): StepKind<CloseVisitStepOptions> => ({
  name: 'closeVisit',
  options: options as z.ZodType<CloseVisitStepOptions>,
  renders: true,
  create:
    ({ sender, receiver, zone, processingId }, { place, system }) =>
    async (work, { correlationId, receivedAt, messageId }) => {
      if (system === undefined)
        throw new IsthmusError('CONFIG_INVALID', {
          place,
          rule: 'the source must say of which system it is',
        });
      const report = work.message.json();
      const patient = await knownPatient(report, readPatient);
      const closed = closeVisit(report, {
        ...{ system, sender, receiver, zone, processingId, receivedAt, messageId },
        idempotencyKey: correlationId,
        ...(patient ? { patient } : {}),
      });
      const messages = closed.messages.map(({ type, body }, index) => {
        // The writes go with the first message only: they are written once.
        const fact: CloseVisitFact = { writes: index === 0 ? closed.writes : [] };
        const message = new Message({
          content: body,
          contentType: 'application/hl7-v2',
          type,
          touched: true,
        });
        return { ...work, message, facts: { ...work.facts, [closeVisitFact]: fact } };
      });
      return { outcome: 'next', work: messages };
    },
});

const reported = z.object({ patient: z.object({ authority: z.string(), identifier: z.string() }) });

async function knownPatient(report: unknown, readPatient: ReadPatient): Promise<Patient | undefined> {
  const { data } = reported.safeParse(report);
  return data && readPatient(patientId(data.patient));
}
