import type { Patient } from '@medplum/fhirtypes';
import { mapMessage } from '../../clinical/mapping/index.ts';
import { previewWrites } from '../../clinical/record/index.ts';
import { readMessage } from '../../exchange/queue/index.ts';
import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { parseMessage } from '../../standards/hl7v2/index.ts';

/**
 * What a stored message says of a source patient: of the PID that bears the number, or, where its authority stands in the configuration only, of the first
 * one. Undefined for what is no HL7 v2, can't be read or is no longer there.
 */
export const heldMessage =
  (database: Database, keyring: Keyring | undefined) =>
  async (messageId: number, source: string): Promise<Patient | undefined> => {
    const stored = await readMessage(database, messageId, keyring ? { keyring } : {});
    if (stored?.contentType !== 'application/hl7-v2') return undefined;
    try {
      const { writes } = mapMessage(parseMessage(stored.body), {
        ...{ system: stored.channel, zone: 'UTC', messageId, receivedAt: stored.receivedAt },
      });
      const patients = previewWrites(writes.filter(({ type }) => type === 'Patient'));
      return (patients.find(({ id }) => id === source) ?? patients[0]) as Patient | undefined;
    } catch (error) {
      if (error instanceof IsthmusError) return undefined;
      throw error;
    }
  };
