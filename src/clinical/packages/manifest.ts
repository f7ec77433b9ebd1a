import { z } from 'zod';
import { invalidPackage } from './failures.ts';

/** What `package/package.json` says (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification). */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  /** Name → version of the packages this one builds on. */
  readonly dependencies: Readonly<Record<string, string>>;
}

const R4 = '4.0.1';
/** The core definitions are built in. */
const BUILT_IN = 'hl7.fhir.r4.core';

const versions = z.array(z.string()).optional();
const manifest = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,127}$/i),
  version: z.string().regex(/^[a-z0-9][a-z0-9.+_-]{0,63}$/i),
  title: z.string().max(500).optional().catch(undefined),
  fhirVersions: versions,
  /** How older packages say it. */
  'fhir-version-list': versions,
  dependencies: z.record(z.string(), z.string()).catch({}).default({}),
});

/** Throws PACKAGE_INVALID when it is none, or for another FHIR than R4. */
export function readManifest(json: unknown): Manifest {
  const place = 'package/package.json';
  const { data, error } = manifest.safeParse(json);
  if (!data) {
    const [issue] = error.issues;
    throw invalidPackage(place, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const fhirVersions = data.fhirVersions ?? data['fhir-version-list'] ?? [];
  if (!fhirVersions.includes(R4)) throw invalidPackage(place, `fhirVersions has ${R4}`);
  const { [BUILT_IN]: _, ...dependencies } = data.dependencies;
  return {
    name: data.name,
    version: data.version,
    ...(data.title === undefined ? {} : { title: data.title }),
    dependencies,
  };
}
