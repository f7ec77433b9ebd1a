import { parseExact } from '../../../standards/fhir/index.ts';
import type { Json, RecordTransaction, StoredResource } from '../../../trust/access/index.ts';
import { gone, notFound, unmet } from '../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { done, written } from './answers.ts';
import { criteriaInAddress, findOne, ifMatchOf, type Match } from './conditions.ts';
import { patchIn } from './patch-body.ts';
import { refuseSubset, validated } from './prepare.ts';
import { provenanceIn, writeWith } from './provenance.ts';
import { transact } from './transact.ts';

const shared = { method: 'PATCH', body: 'patch', effect: 'write' } as const;

/** http.html#patch, by JSON Patch (RFC 6902): what comes of it is checked as an update is. */
export const patch: Interaction = {
  name: 'patch',
  path: '/:type/:id',
  ...shared,
  capability: { level: 'type', code: 'patch' },
  run: (request, services) => run(request, services, async () => request.target.id),
};

/** http.html#patch: one that the criteria find, and no other. */
export const conditionalPatch: Interaction = {
  name: 'conditional-patch',
  path: '/:type',
  ...shared,
  run(request, services) {
    const criteria = criteriaInAddress(request, services);
    return run(request, services, async (record) => (await findOne(record, criteria))?.id);
  },
};

type Identify = (record: RecordTransaction) => Promise<string | undefined>;

async function run(request: FhirRequest, services: Services, identify: Identify): Promise<FhirAnswer> {
  const apply = patchIn(request);
  const provenance = provenanceIn(request, services);
  const match = ifMatchOf(request);
  const { type = '' } = request.target;
  return transact(request, async (record) => {
    const id = await identify(record);
    if (id === undefined) throw notFound();
    const current = await lockCurrent(record, { type, id });
    refuseOther(current, match);
    const resource = apply(parseExact(current.json) as Json);
    refuseSubset(resource);
    const issues = validated(resource, services);
    const write = { op: 'update', method: 'PATCH', resource, mustExist: true } as const;
    return written(request, done(await writeWith(record, write, provenance), match), issues);
  });
}

/** Nobody changes it until the patch is written. Throws GONE, NOT_FOUND. */
async function lockCurrent(
  record: RecordTransaction,
  { type, id }: { readonly type: string; readonly id: string },
): Promise<StoredResource> {
  const current = await record.lock(type, id);
  if (current) return current;
  const state = await record.state(type, id);
  throw state.kind === 'deleted' ? gone(state.version) : notFound();
}

function refuseOther({ version }: StoredResource, match: Match): void {
  if (match.version !== undefined && match.version !== version)
    throw unmet('If-Match', 'the current version');
}
