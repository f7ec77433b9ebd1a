import type { RecordTransaction } from '../../../trust/access/index.ts';
import { errorOf } from '../execute.ts';
import { invalid } from '../failure.ts';
import { type Meant, meantBy, newBy, numberIn, retirementIn } from '../write/feed.ts';
import { atPlace } from './at-place.ts';
import type { PreparedWrite } from './prepare.ts';
import type { TransactionDeps } from './types.ts';

/** Who a number is, for an entry that names its Patient by it. */
export interface Feed {
  readonly source?: FoundSource;
  /** Who is made where nobody has it. */
  readonly made?: Meant;
}

/** The source patient whose number it is, maybe one of several of a person. */
export interface FoundSource {
  readonly kind: 'source';
  readonly id: string;
}

/** For updates and deletions of Patients by number (ITI-104, write/feed.ts). Throws FORBIDDEN and INVALID_REQUEST, with the entry. */
export async function fedBy(
  writes: readonly PreparedWrite[],
  { record, deps }: { readonly record: RecordTransaction; readonly deps: TransactionDeps },
): Promise<ReadonlyMap<PreparedWrite, Feed>> {
  const fed = new Map<PreparedWrite, Feed>();
  for (const write of writes) {
    const { criteria, action, entry } = write;
    const isFeed = action.kind === 'update' || action.kind === 'delete';
    const number = criteria && isFeed ? numberIn(criteria) : undefined;
    if (!number) continue;
    if (action.kind === 'update' && !deps.keepInvalid && retirementIn(action.resource, number, deps.base))
      throw invalid(`${entry.place}.resource.link`, 'Resolve Duplicate (ITI-104) by itself, or in a batch');
    try {
      const meant = await meantBy(record, number);
      const made = newBy(number);
      fed.set(write, meant ? { source: { kind: 'source', id: meant.id } } : made ? { made } : {});
    } catch (error) {
      throw atPlace(errorOf(error), `${entry.place}.request.url`);
    }
  }
  return fed;
}
