import { randomId } from '../../../foundation/crypto/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import type {
  Json,
  RecordTransaction,
  ResourceWrite,
  Retirement,
  WriteOutcome,
} from '../../../trust/access/index.ts';
import { invalid, unmet } from '../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { done, written } from './answers.ts';
import { criteriaInAddress, findOne, ifMatchOf, type Match, onlyIfNone } from './conditions.ts';
import { type Meant, meantBy, newBy, numberIn, refuseShared, retirementIn } from './feed.ts';
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

/** http.html#cond-update: none found makes it, one found replaces it, several are refused. Of a Patient by number see feed.ts. */
export const conditionalUpdate: Interaction = {
  name: 'conditional-update',
  path: '/:type',
  ...shared,
  async run(request, services) {
    const resource = resourceIn(request);
    if (resource.id !== undefined && !isResourceId(resource.id)) throw invalid('id', 'an id');
    const criteria = criteriaInAddress(request, services);
    const number = numberIn(criteria);
    const retirement = number && services.identity && retirementIn(resource, number, request.base);
    if (retirement) return retire(request, services, { resource, retirement });
    const made = resource.id === undefined && number ? newBy(number) : undefined;
    return put(request, services, {
      resource: { ...resource, id: resource.id ?? made?.id ?? randomId() },
      ...(made ? { made } : {}),
      async identify(record) {
        // Who makes the same one at once is waited for, and then it is the source's.
        if (number) await record.lockCriteria([criteria.key]);
        const meant = number && (await meantBy(record, number));
        const existing = meant ? undefined : await findOne(record, criteria);
        if (number && existing) refuseShared(existing.origin.system);
        const found = meant ?? existing;
        if (found && resource.id !== undefined && resource.id !== found.id)
          throw invalid('id', 'the id of the resource that the criteria find');
        return meant ?? (existing && { id: existing.id });
      },
    });
  },
};

/** Resolve Duplicate (ITI-104): one number goes on as another; what else the Patient says is not taken. */
async function retire(
  request: FhirRequest,
  services: Services,
  { resource, retirement }: { readonly resource: Json; readonly retirement: Retirement },
): Promise<FhirAnswer> {
  const issues = validated(resource, services);
  const { id, type, version, lastUpdated, json } = await request.identity().feed.retire(retirement);
  return written(request, { kind: 'updated', id, type, version, lastUpdated, json }, issues);
}

interface Put {
  /** With the id that it gets where none is found. */
  readonly resource: Json;
  /** Of a Patient that is made: by which number. */
  readonly made?: Meant;
  /** For whom it is meant instead. */
  readonly identify?: (record: RecordTransaction) => Promise<Meant | undefined>;
}

async function put(
  request: FhirRequest,
  services: Services,
  { resource, made, identify }: Put,
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
    const { id = resource.id, ...meant } = (await identify?.(record)) ?? made ?? {};
    const write = writeOf(request, { ...resource, ...(id === undefined ? {} : { id }) }, match);
    const named = write.op === 'update' ? { ...write, ...meant } : write;
    return answer(await writeWith(record, named, provenance));
  });
}

function writeOf(request: FhirRequest, resource: Json, { version, exists }: Match): ResourceWrite {
  if (onlyIfNone(request)) return { op: 'create', method: 'PUT', resource };
  return {
    ...{ op: 'update', method: 'PUT', resource, mustExist: exists },
    ...(version === undefined ? {} : { ifMatch: version }),
  };
}
