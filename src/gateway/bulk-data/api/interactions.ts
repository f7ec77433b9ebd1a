import type { Interaction } from '../../fhir/index.ts';
import type { Wanted } from '../types.ts';
import { file, NDJSON } from './file.ts';
import { type KickOff, kickOff, STATUS } from './kick-off.ts';
import { remove, status } from './status.ts';

const DEFINITIONS = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';

/** Rows for the FHIR API's table. Nothing here changes the record. */
export function exportInteractions(parts: KickOff): Interaction[] {
  const start = (
    level: Wanted['level'],
    path: string,
    capability: NonNullable<Interaction['capability']>,
  ) => {
    const run: Interaction['run'] = (request) => kickOff(level, request, parts);
    const common = { path, effect: 'read', alone: true, run } as const;
    return [
      { name: `${level}-export`, method: 'GET', body: 'none', capability, ...common },
      { name: `${level}-export-by-parameters`, method: 'POST', body: 'parameters', ...common },
    ] satisfies Interaction[];
  };
  const job = { path: `${STATUS}/:id`, body: 'none', effect: 'read', alone: true } as const;
  return [
    ...start('system', '/$export', {
      ...{ level: 'system', operation: 'export', definition: `${DEFINITIONS}/export` },
    }),
    ...start('patient', '/Patient/$export', {
      ...{ level: 'type', types: ['Patient'], operation: 'patient-export' },
      definition: `${DEFINITIONS}/patient-export`,
    }),
    ...start('group', '/Group/:id/$export', {
      ...{ level: 'type', types: ['Group'], operation: 'group-export' },
      definition: `${DEFINITIONS}/group-export`,
    }),
    { name: 'export-status', method: 'GET', ...job, run: (request) => status(request, parts) },
    { name: 'export-delete', method: 'DELETE', ...job, run: (request) => remove(request, parts) },
    {
      ...job,
      ...{ name: 'export-file', method: 'GET', path: `${STATUS}/:id/:version` },
      produces: [NDJSON, 'application/ndjson', 'application/x-ndjson'],
      run: (request) => file(request, parts),
    },
  ];
}
