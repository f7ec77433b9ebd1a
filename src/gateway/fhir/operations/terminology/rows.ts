import {
  expand,
  lookup,
  subsumes,
  translate,
  validateInCodeSystem,
  validateInValueSet,
} from '../../../../standards/terminology/index.ts';
import type { Capability, Interaction } from '../../interaction.ts';
import { answered, type Operation } from './run.ts';

/** For every operation, so that the versions and supplements of a guide's terminology can be asked for. */
const COMMON = [
  ...[
    'displayLanguage',
    'tx-resource',
    'cache-id',
    'useSupplement',
    'system-version',
    'check-system-version',
  ],
  ...['force-system-version', 'default-valueset-version', 'diagnostics', 'uuid'],
];
const VALIDATE = [
  'url',
  'code',
  'display',
  'coding',
  'codeableConcept',
  'date',
  'abstract',
  'lenient-display-validation',
];

interface Row {
  readonly type: 'CodeSystem' | 'ValueSet' | 'ConceptMap';
  readonly name: string;
  readonly run: Operation;
  readonly parameters: readonly string[];
  /** The parameter that the stored resource is, where the operation can be asked of one. */
  readonly own?: string;
}

const rows: readonly Row[] = [
  {
    ...{ type: 'CodeSystem', name: 'lookup', run: lookup },
    parameters: ['code', 'system', 'version', 'coding', 'date', 'property'],
  },
  {
    ...{ type: 'CodeSystem', name: 'validate-code', run: validateInCodeSystem, own: 'url' },
    parameters: [...VALIDATE, 'codeSystem', 'version', 'system', 'systemVersion'],
  },
  {
    ...{ type: 'CodeSystem', name: 'subsumes', run: subsumes, own: 'system' },
    parameters: ['codeA', 'codeB', 'system', 'version', 'codingA', 'codingB'],
  },
  {
    ...{ type: 'ValueSet', name: 'expand', run: expand, own: 'valueSet' },
    parameters: [
      ...[
        'url',
        'valueSet',
        'valueSetVersion',
        'context',
        'contextDirection',
        'filter',
        'date',
        'offset',
        'count',
      ],
      ...[
        'includeDesignations',
        'designation',
        'includeDefinition',
        'activeOnly',
        'excludeNested',
        'property',
      ],
      ...['excludeNotForUI', 'excludePostCoordinated', 'exclude-system'],
    ],
  },
  {
    ...{ type: 'ValueSet', name: 'validate-code', run: validateInValueSet, own: 'valueSet' },
    parameters: [
      ...[...VALIDATE, 'context', 'valueSet', 'valueSetVersion', 'system', 'systemVersion', 'inferSystem'],
      ...['infer-system', 'activeOnly', 'valueSetMode', 'valueset-membership-only'],
    ],
  },
  {
    ...{ type: 'ConceptMap', name: 'translate', run: translate, own: 'conceptMap' },
    parameters: [
      ...[
        'url',
        'conceptMap',
        'conceptMapVersion',
        'code',
        'system',
        'version',
        'source',
        'coding',
        'codeableConcept',
      ],
      ...['target', 'targetsystem', 'dependency', 'reverse'],
    ],
  },
];

/** The operations of terminology (R4 terminology-service.html), of a type and, where R4 has them there, of a stored resource; by GET and POST. */
export const terminologyOperations: readonly Interaction[] = rows.flatMap(interactionsOf);

function interactionsOf({ type, name, run: operation, parameters, own = '' }: Row): Interaction[] {
  const known = new Set([...COMMON, ...parameters]);
  const capability: Capability = {
    ...{ level: 'type', types: [type], operation: name },
    definition: `http://hl7.org/fhir/OperationDefinition/${type}-${name}`,
  };
  const run: Interaction['run'] = (request, services) =>
    answered(request, services, { operation, known, own });
  const title = `${type.toLowerCase()}-${name}`;
  const ofType = { path: `/${type}/$${name}`, effect: 'read', run } as const;
  const ofInstance = { path: `/${type}/:id/$${name}`, effect: 'read', run } as const;
  return [
    { name: title, method: 'GET', body: 'none', capability, ...ofType },
    { name: `${title}-by-parameters`, method: 'POST', body: 'parameters', ...ofType },
    ...(own === ''
      ? []
      : ([
          { name: `${title}-of-instance`, method: 'GET', body: 'none', ...ofInstance },
          { name: `${title}-of-instance-by-parameters`, method: 'POST', body: 'parameters', ...ofInstance },
        ] as const)),
  ];
}
