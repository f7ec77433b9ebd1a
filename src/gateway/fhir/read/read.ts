import type { StoredResource } from '../../../trust/access/index.ts';
import { gone, notFound } from '../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../interaction.ts';
import { shapeOf } from './shape.ts';
import { isUnchanged, validatorsOf } from './validators.ts';

/** http.html#read: 410 for what was deleted, 404 for what never was or may not be seen. */
export const read: Interaction = {
  name: 'read',
  method: 'GET',
  path: '/:type/:id',
  body: 'none',
  effect: 'read',
  capability: { level: 'type', code: 'read' },
  async run(request) {
    const { type = '', id = '' } = request.target;
    const state = await request.record.state(type, id);
    if (state.kind === 'deleted') throw gone(state.version);
    if (state.kind === 'absent') throw notFound();
    return shown(request, state.resource);
  },
};

/** http.html#vread. A version that is a deletion is gone. */
export const vread: Interaction = {
  name: 'vread',
  method: 'GET',
  path: '/:type/:id/_history/:version',
  body: 'none',
  effect: 'read',
  capability: { level: 'type', code: 'vread' },
  async run(request) {
    const { type = '', id = '', version = '' } = request.target;
    if (!/^[1-9]\d{0,8}$/.test(version)) throw notFound();
    const entry = await request.record.readVersion(type, id, Number(version));
    if (!entry) throw notFound();
    if (!entry.resource) throw gone(entry.version);
    return shown(request, entry.resource);
  },
};

function shown(request: FhirRequest, resource: StoredResource): FhirAnswer {
  const headers = validatorsOf(resource);
  if (isUnchanged(request, resource)) return { status: 304, headers };
  return { status: 200, headers, body: shapeOf(request.parameters)(resource) };
}
