import { randomId } from '../../../foundation/crypto/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import type { Json, RecordTransaction, ResourceWrite, WriteOutcome } from '../../../trust/access/index.ts';
import { invalid, unmet } from '../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { done, written } from './answers.ts';
import { criteriaInAddress, findOne, ifMatchOf, type Match, onlyIfNone } from './conditions.ts';
import { refuseSubset, resourceIn, validated } from './prepare.ts';
import { provenanceIn, writeWith } from './provenance.ts';
import { transact, writeAlone } from './transact.ts';

const shared = { method: 'PUT', body: 'resource', effect: 'write' } as const;

/** http.html#update: the body's id is the address's; what is not there is made under it (upsert). */
export const update: Interaction = {
  name: 'update',
  path: '/:type/:id',
  ...shared,
  capability: { level: 'type', code: 'update' },
  async run(request, services) {
    const resource = resourceIn(request);
    if (resource.id !== request.target.id) throw invalid('id', 'the id in the address');
    return put(request, services, { resource });
  },
};

/** http.html#cond-update: none found makes it, one found replaces it, several are refused. */
export const conditionalUpdate: Interaction = {
  name: 'conditional-update',
  path: '/:type',
  ...shared,
  async run(request, services) {
    const resource = resourceIn(request);
    if (resource.id !== undefined && !isResourceId(resource.id)) throw invalid('id', 'an id');
    const criteria = criteriaInAddress(request, services);
    return put(request, services, {
      resource: { ...resource, id: resource.id ?? randomId() },
      async identify(record) {
        const existing = await findOne(record, criteria);
        if (existing && resource.id !== undefined && resource.id !== existing.id)
          throw invalid('id', 'the id of the resource that the criteria find');
        return existing?.id;
      },
    });
  },
};

interface Put {
  /** With the id that it gets where none is found. */
  readonly resource: Json;
  /** The id that it is to have instead. */
  readonly identify?: (record: RecordTransaction) => Promise<string | undefined>;
}

async function put(
  request: FhirRequest,
  services: Services,
  { resource, identify }: Put,
): Promise<FhirAnswer> {
  refuseSubset(resource);
  const issues = validated(resource, services);
  const provenance = provenanceIn(request, services);
  const match = ifMatchOf(request);
  const answer = (outcome: WriteOutcome) => {
    if (outcome.kind === 'conflict' && onlyIfNone(request))
      throw unmet('If-None-Match', 'no such resource yet');
    return written(request, done(outcome, match), issues);
  };
  if (!identify && !provenance) return answer(await writeAlone(request, writeOf(request, resource, match)));
  return transact(request, async (record) => {
    const id = await identify?.(record);
    const named = id === undefined ? resource : { ...resource, id };
    return answer(await writeWith(record, writeOf(request, named, match), provenance));
  });
}

function writeOf(request: FhirRequest, resource: Json, { version, exists }: Match): ResourceWrite {
  if (onlyIfNone(request)) return { op: 'create', method: 'PUT', resource };
  return {
    ...{ op: 'update', method: 'PUT', resource, mustExist: exists },
    ...(version === undefined ? {} : { ifMatch: version }),
  };
}
