import { classifyFailure } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { RecordTransaction, ResourceWrite, WriteOutcome } from '../../../trust/access/index.ts';
import type { FhirRequest } from '../interaction.ts';

const ATTEMPTS = 5;

/** Does work in one transaction of the record, again from the beginning when another transaction got in between. Throws CONFLICT. */
export async function transact<T>(
  { record, caller }: Pick<FhirRequest, 'record' | 'caller'>,
  work: (record: RecordTransaction) => Promise<T>,
): Promise<T> {
  const door = record;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await door.transaction({ system: caller }, work);
    } catch (error) {
      if (classifyFailure(error) !== 'conflict') throw error;
      if (attempt === ATTEMPTS) throw new IsthmusError('CONFLICT', { cause: error });
    }
  }
}

/** A write that needs nothing else in its transaction; it shares one with others that come at the same time. Throws CONFLICT. */
export async function writeAlone(
  { record, caller }: Pick<FhirRequest, 'record' | 'caller'>,
  write: ResourceWrite,
): Promise<WriteOutcome> {
  try {
    return await record.write({ system: caller }, write);
  } catch (error) {
    if (classifyFailure(error) !== 'conflict') throw error;
    throw new IsthmusError('CONFLICT', { cause: error });
  }
}
