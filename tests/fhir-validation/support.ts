import { parseExact, type Structure, structureFromDefinition } from '../../src/standards/fhir/index.ts';
import {
  createValidator,
  type Issue,
  type ProfileSource,
  type ValidatedResource,
  type ValidateOptions,
} from '../../src/standards/fhir-validation/index.ts';

const base = createValidator();

/** The errors as `place: rule`. */
export const errorsOf = (resource: object, options?: ValidateOptions): string[] =>
  told(base.validate(resource as ValidatedResource, options), 'error');

export const told = (issues: readonly Issue[], severity: Issue['severity']): string[] =>
  issues
    .filter((issue) => issue.severity === severity)
    .map(({ expression, rule }) => `${expression}: ${rule}`);

/** With the digits of decimals as `parseResource` keeps them. */
export const exact = (json: string): ValidatedResource => parseExact(json) as ValidatedResource;

export const patient = (more: object = {}): object => ({
  resourceType: 'Patient',
  id: 'p1',
  name: [{ family: 'Muster', given: ['Ada'] }],
  birthDate: '1980-02-29',
  ...more,
});

export const observation = (more: object = {}): object => ({
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-03-01T08:30:00Z',
  valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  ...more,
});

type ElementDefinition = { path: string; [part: string]: unknown };

export const profileUrl = (name: string): string => `http://example.org/StructureDefinition/${name}`;

/** A StructureDefinition with these elements as its snapshot; the root is added. */
export function profile(
  name: string,
  type: string,
  elements: readonly ElementDefinition[],
): { resourceType: string; url: string } {
  return {
    resourceType: 'StructureDefinition',
    url: profileUrl(name),
    ...{ type, kind: 'resource', abstract: false, derivation: 'constraint' },
    ...{
      snapshot: {
        element: [
          { id: type, path: type, min: 0, max: '*', base: { path: type, min: 0, max: '*' } },
          ...elements,
        ],
      },
    },
  } as { resourceType: string; url: string };
}

export function sourceOf(
  definitions: readonly { url: string }[],
  valueSets: ProfileSource['valueSet'] = () => undefined,
): ProfileSource {
  const known = new Map<string, Structure | 'no-snapshot'>(
    definitions.map((definition) => [definition.url, structureFromDefinition(definition) ?? 'no-snapshot']),
  );
  return { structure: (canonical) => known.get(canonical.split('|')[0] ?? ''), valueSet: valueSets };
}

/** What a resource does wrong by the profiles, and by them alone. */
export function against(
  definitions: readonly { url: string }[],
  resource: object,
  options: { valueSets?: ProfileSource['valueSet']; invariants?: boolean } = {},
): string[] {
  const validator = createValidator(sourceOf(definitions, options.valueSets));
  const first = definitions[0]?.url ?? '';
  return told(
    validator.validate(resource as ValidatedResource, {
      profiles: [first],
      ...(options.invariants === undefined ? {} : { invariants: options.invariants }),
    }),
    'error',
  ).map((text) => text.replaceAll('http://example.org/StructureDefinition/', ''));
}
