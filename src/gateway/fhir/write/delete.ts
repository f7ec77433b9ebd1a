import { IDENTITY_SYSTEM, type ResourceWrite, type WriteOutcome } from '../../../trust/access/index.ts';
import { unmet } from '../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../interaction.ts';
import type { Criteria } from '../transaction/criteria.ts';
import { deleted, done } from './answers.ts';
import { criteriaInAddress, findOne, ifMatchOf } from './conditions.ts';
import { meantBy, numberIn } from './feed.ts';
import { transact, writeAlone } from './transact.ts';

const shared = { method: 'DELETE', body: 'none', effect: 'write' } as const;

/** http.html#delete: the same answer however often it is asked for, and whether or not there was anything. */
export const remove: Interaction = {
  name: 'delete',
  path: '/:type/:id',
  ...shared,
  capability: { level: 'type', code: 'delete' },
  async run(request) {
    return removeOne(request, request.target.id ?? '', (write) => writeAlone(request, write));
  },
};

/** http.html#3.1.0.7.1: of several nothing is deleted (`conditionalDelete: single`). */
export const conditionalDelete: Interaction = {
  name: 'conditional-delete',
  path: '/:type',
  ...shared,
  async run(request, services) {
    const criteria = criteriaInAddress(request, services);
    const number = numberIn(criteria);
    if (number && services.identity && (await isOfSeveral(request, criteria))) {
      demandNoMatch(request);
      if (await request.identity().feed.remove(number)) return deleted(request, undefined);
    }
    return transact(request, async (record) => {
      const found = (number && (await meantBy(record, number))) ?? (await findOne(record, criteria));
      const write: Write = async (one) => (await record.write([one]))[0];
      return found ? removeOne(request, found.id, write) : deleted(request, undefined);
    });
  },
};

/** Whether the number is of a person behind whom several sources stand: then the one whose number it is leaves, and the others stay. */
const isOfSeveral = (request: FhirRequest, criteria: Criteria): Promise<boolean> =>
  transact(request, async (record) => (await findOne(record, criteria))?.origin.system === IDENTITY_SYSTEM);

/** The version that is deleted is that of a statement, which nobody was shown. */
function demandNoMatch(request: FhirRequest): void {
  if (ifMatchOf(request).exists)
    throw unmet('If-Match', 'absent where several sources stand behind a patient');
}

type Write = (write: ResourceWrite) => Promise<WriteOutcome | undefined>;

async function removeOne(request: FhirRequest, id: string, write: Write): Promise<FhirAnswer> {
  const { type = '' } = request.target;
  const match = ifMatchOf(request);
  const ifMatch = match.version === undefined ? {} : { ifMatch: match.version };
  const outcome = await write({ op: 'delete', type, id, ...ifMatch });
  if (outcome?.kind === 'conflict') done(outcome, match);
  if (outcome?.kind === 'absent' && match.exists) throw unmet('If-Match', 'the current version');
  return deleted(request, outcome);
}
