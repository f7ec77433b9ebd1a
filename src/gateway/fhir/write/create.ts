import { randomId } from '../../../foundation/crypto/index.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { done, foundInstead, written } from './answers.ts';
import { findOne, ifNoneExistOf } from './conditions.ts';
import { resourceIn, validated } from './prepare.ts';
import { provenanceIn, writeWith } from './provenance.ts';
import { transact, writeAlone } from './transact.ts';

/** http.html#create and #ccreate: the id is ours, and of If-None-Exist there is at most one however many ask at once. */
export const create: Interaction = {
  name: 'create',
  method: 'POST',
  path: '/:type',
  body: 'resource',
  effect: 'write',
  capability: { level: 'type', code: 'create' },
  run,
};

async function run(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const resource = { ...resourceIn(request), id: randomId() };
  const issues = validated(resource, services);
  const provenance = provenanceIn(request, services);
  const criteria = ifNoneExistOf(request, services);
  if (!criteria && !provenance) {
    const outcome = await writeAlone(request, { op: 'create', method: 'POST', resource });
    return written(request, done(outcome, { exists: false }), issues);
  }
  return transact(request, async (record) => {
    const existing = criteria && (await findOne(record, criteria));
    if (existing) return foundInstead(request, existing);
    const outcome = await writeWith(record, { op: 'create', method: 'POST', resource }, provenance);
    return written(request, done(outcome, { exists: false }), issues);
  });
}
