import { classifyFailure } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Json, RecordTransaction } from '../../../trust/access/index.ts';
import { applyTransaction } from './apply.ts';
import { processBatch } from './batch.ts';
import { bundleTypeOf } from './entries.ts';
import { prepareTransaction } from './prepare.ts';
import { responseBundle } from './results.ts';
import type { BundleDeps, EntryResult } from './types.ts';

/** Two transactions that wait for each other: PostgreSQL ends one, which then finds the way free. */
const ATTEMPTS = 5;

/**
 * Does a transaction or a batch and gives the text of the answering Bundle. The bundle's resources are taken over and changed. Throws what
 * refuses a transaction as a whole, naming `Bundle.entry[i]…`; an entry of a batch fails by itself.
 */
export async function processBundle(bundle: Json, deps: BundleDeps): Promise<string> {
  const type = bundleTypeOf(bundle);
  const results =
    type === 'batch' ? await processBatch(bundle, deps) : await processTransaction(bundle, deps);
  return responseBundle(type, results);
}

async function processTransaction(bundle: Json, deps: BundleDeps): Promise<EntryResult[]> {
  const prepared = await prepareTransaction(bundle, deps);
  const work = (record: RecordTransaction) => applyTransaction(prepared, { ...deps, record, deps });
  const results = await retried(() => deps.record.transaction(deps.origin, work));
  for (const { index, request } of [...prepared.writes.map(({ entry }) => entry), ...prepared.reads]) {
    const result = results[index];
    if (result) deps.noted(request, result);
  }
  return results;
}

/** Again when another transaction was in the way, a few times. Throws CONFLICT when it always is. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (classifyFailure(error) !== 'conflict') throw error;
      if (attempt === ATTEMPTS) throw new IsthmusError('CONFLICT', { cause: error });
    }
  }
}
