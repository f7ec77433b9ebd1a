import { parseExact } from '../../../standards/fhir/index.ts';
import { restate } from '../persons/restate.ts';
import type { Behind, Kept } from '../persons/statements.ts';
import { storable } from '../text.ts';
import type { ResourceWrite, WriteOrigin } from '../types.ts';
import { standingOf, timesText } from './batch.ts';
import { invalidityOf } from './invalidity.ts';
import type { Content } from './slot.ts';
import { encodeContent } from './version.ts';

type Update = Extract<ResourceWrite, { op: 'update' | 'create' }>;

interface Decided {
  readonly kept: Kept;
  readonly content: Content;
  /** It says something else than before, not only as of later. */
  readonly isNew: boolean;
}

/** What the source of a Patient says from now on, after a write to it as it is published; undefined where that changes nothing. */
export function decideStatement(
  write: Update,
  { published, statement, withdrawn }: Behind,
  origin: WriteOrigin,
): Decided | undefined {
  const before = statement && standingOf(statement);
  const isStatement = write.op === 'update' && write.statement === true;
  const time = (origin.eventTime ?? new Date()).getTime();
  const next = restate({
    written: write.resource,
    published: parseExact(published.content.toString()) as Content,
    statement: before,
    isStatement,
    isPatch: write.method === 'PATCH',
    time,
  });
  if (!next) return undefined;
  const content = encodeContent(next.content);
  const number = statement?.row.version ?? withdrawn?.version ?? 0;
  const isNew = !statement?.content.equals(content);
  return {
    isNew,
    content: next.content,
    kept: {
      version: {
        type: 'Patient',
        id: published.row.id,
        version: isNew ? number + 1 : number,
        sourceSystem: storable(origin.system),
        sourcePatientId: published.row.id,
        businessKey: published.row.business_key,
        messageId: origin.messageId ?? null,
        method: write.method,
        issues: invalidityOf(write.issues),
        content,
      },
      eventTime: next.eventTime,
      stated: next.stated,
      elementTimes: timesText(next),
    },
  };
}
