import type { RecordTransaction, StoredResource } from '../../../trust/access/index.ts';
import { invalid, unmet } from '../failure.ts';
import type { FhirRequest, Parameter, Services } from '../interaction.ts';
import { versionsIn } from '../read/validators.ts';
import { type Criteria, parseCriteria } from '../transaction/criteria.ts';

/** What If-Match asks for: a version, or that there is one at all. */
export interface Match {
  readonly version?: number;
  readonly exists: boolean;
}

/** If-Match (http.html#concurrency). Throws INVALID_REQUEST unless it is `*` or one entity tag of ours. */
export const ifMatchOf = ({ header }: Pick<FhirRequest, 'header'>): Match =>
  ifMatchIn(header('if-match'), 'If-Match');

/** The same for its text, wherever that stands. */
export function ifMatchIn(text: string | undefined, place: string): Match {
  if (text === undefined) return { exists: false };
  if (text.trim() === '*') return { exists: true };
  const [version, ...others] = versionsIn(text);
  if (version === undefined || others.length > 0) throw invalid(place, 'W/"version", or *');
  return { version, exists: true };
}

/** `If-None-Match: *`: only if there is nothing yet. Other values are for reading. */
export const onlyIfNone = ({ header }: Pick<FhirRequest, 'header'>): boolean =>
  header('if-none-match')?.trim() === '*';

/** Of the answer's form; never a criterion. */
const FORM: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

/** The criteria in the address of a conditional update, patch or delete. Throws INVALID_REQUEST when there are none, or one is not understood. */
export function criteriaInAddress({ target, parameters }: FhirRequest, { clock }: Services): Criteria {
  const asked = parameters.filter(([name]) => !FORM.has(name));
  return parseCriteria(target.type ?? '', textOf(asked), { place: 'query', now: clock.now() });
}

/** If-None-Exist: the query alone, or behind a `?` or an address. */
export function ifNoneExistOf({ header, target }: FhirRequest, { clock }: Services): Criteria | undefined {
  const text = header('if-none-exist');
  if (text === undefined) return undefined;
  const query = text.slice(text.indexOf('?') + 1).trim();
  return parseCriteria(target.type ?? '', query, { place: 'If-None-Exist', now: clock.now() });
}

const textOf = (parameters: readonly Parameter[]): string =>
  new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString();

/**
 * The one resource that the criteria find, or none; who asks for the same waits until this transaction has ended. Throws
 * PRECONDITION_FAILED when there are several.
 */
export async function findOne(
  record: RecordTransaction,
  { type, key, where }: Criteria,
): Promise<StoredResource | undefined> {
  await record.lockCriteria([key]);
  const { matches, next } = await record.search({
    ...{ types: [type], where, count: 2, total: 'none' },
    ...{ sort: [], include: [], revinclude: [] },
  });
  // A page may be full with one.
  if (matches.length > 1 || next) throw unmet('query', 'the criteria find one resource at most');
  return matches[0];
}
