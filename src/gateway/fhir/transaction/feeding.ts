import type { RecordTransaction } from '../../../trust/access/index.ts';
import { errorOf } from '../execute.ts';
import { type Meant, meantBy, newBy, numberIn } from '../write/feed.ts';
import { atPlace } from './at-place.ts';
import type { PreparedWrite } from './prepare.ts';

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

/** For updates and deletions of Patients by number (ITI-104, write/feed.ts). Throws FORBIDDEN, with the entry. */
export async function fedBy(
  writes: readonly PreparedWrite[],
  record: RecordTransaction,
): Promise<ReadonlyMap<PreparedWrite, Feed>> {
  const fed = new Map<PreparedWrite, Feed>();
  for (const write of writes) {
    const { criteria, action, entry } = write;
    const isFeed = action.kind === 'update' || action.kind === 'delete';
    const number = criteria && isFeed ? numberIn(criteria) : undefined;
    if (!number) continue;
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
