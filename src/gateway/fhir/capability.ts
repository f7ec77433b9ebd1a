import { resources } from './resources.ts';

export interface Software {
  readonly version: string;
  /** When this version was started, for `date`. */
  readonly startedAt: Date;
}

/** What is really mounted, and nothing else (R4 capabilitystatement.html). */
export function capabilityStatement(base: string, { version, startedAt }: Software): object {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: startedAt.toISOString(),
    kind: 'instance',
    software: { name: 'Isthmus', version },
    implementation: { description: 'Isthmus FHIR R4 API', url: base },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: { description: 'Authorization: Bearer with a token that the operator gives.' },
        resource: [...resources.values()].map(({ type, parameters }) => ({
          type,
          interaction: ['read', 'vread', 'history-instance', 'search-type'].map((code) => ({ code })),
          versioning: 'versioned',
          readHistory: true,
          updateCreate: false,
          searchParam: parameters.map(({ name, type: kind }) => ({ name, type: kind })),
        })),
      },
    ],
  };
}
