import { canonical, commensurable, describe, isValidUnit } from '../../ucum/index.ts';
import { TerminologyError } from '../errors.ts';
import type { CodeSystemView, Concept, Filter, TerminologySource } from '../types.ts';

const UCUM = 'http://unitsofmeasure.org';

/**
 * UCUM as a code system (R4 ucum.html): its codes are those of a grammar, without end, so a code can be looked up and validated and none can be listed. A
 * display is the code itself, or the code in words; `canonical` is the unit in base units (UC8).
 */
export function unitSource(): TerminologySource {
  return {
    codeSystem: async (url, version) =>
      url === UCUM && (version === undefined || version === units.version) ? units : undefined,
    codeSystemVersions: async (url) => (url === UCUM && units.version !== undefined ? [units.version] : []),
    supplements: async () => [],
    valueSet: async () => undefined,
    valueSetVersions: async () => [],
    conceptMaps: async () => [],
  };
}

const units: CodeSystemView = {
  url: UCUM,
  version: '2.1',
  name: 'UCUM',
  title: 'Unified Code for Units of Measure (UCUM)',
  status: 'active',
  isCaseSensitive: true,
  content: 'complete',
  properties: [{ code: 'canonical', type: 'string' }],
  find: async (codes) => new Map(codes.filter(isValidUnit).map((code) => [code, conceptOf(code)])),
  children: async () => [],
  isAncestor: async () => false,
  select: async () => endless(),
  total: async () => endless(),
  matching: async (codes, filters) =>
    new Set(codes.filter((code) => isValidUnit(code) && filters.every((filter) => meets(code, filter)))),
};

function endless(): never {
  throw new TerminologyError('too-costly', `The codes of ${UCUM} are without end and cannot be listed`);
}

function conceptOf(code: string): Concept {
  const base = canonical(1, code)?.unit;
  return {
    code,
    display: describe(code),
    isActive: true,
    isAbstract: false,
    designations: [{ value: code }],
    properties: base === undefined ? [] : [{ code: 'canonical', type: 'string', value: base }],
    parents: [],
  };
}

/** R4 ucum.html, filters: units that can be converted into the one named. */
function meets(code: string, { property, op, value }: Filter): boolean {
  if (property === 'canonical' && op === '=') return commensurable(code, value);
  throw new TerminologyError('not-supported', `${UCUM} has no filter ${property} ${op}`);
}
