import { createHash, type Hash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { FhirError, parseExact, parseJson, stringifyExact } from '../../standards/fhir/index.ts';
import type { ArchiveFile } from './archive.ts';
import { invalidPackage } from './failures.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** The kinds of resources that are kept; what else a package holds is for people and other tools. */
const definitionTypes = [
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'SearchParameter',
] as const;
export type DefinitionType = (typeof definitionTypes)[number];

export interface Definition {
  readonly type: DefinitionType;
  /** Canonical URL. */
  readonly url: string;
  /** Business version, empty where there is none. */
  readonly version: string;
  /** Deflated JSON. */
  readonly content: Uint8Array;
}

/** What is taken from the files of an archive, one after the other. */
export class Contents {
  readonly #definitions = new Map<string, Definition>();
  readonly #withoutSnapshot = new Set<string>();
  #manifest: Manifest | undefined;

  add({ name, bytes }: ArchiveFile): void {
    if (name === '.index.json') return;
    const resource = parsed(name, bytes);
    if (name === 'package.json') this.#manifest = readManifest(resource);
    else if (isDefinition(resource)) this.#keep(resource);
  }

  get manifest(): Manifest {
    if (!this.#manifest) throw invalidPackage('package/package.json', 'it is there');
    return this.#manifest;
  }

  /** In an order that does not depend on that of the archive. */
  get definitions(): readonly Definition[] {
    return [...this.#definitions.entries()]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, one]) => one);
  }

  /** Profiles that nothing can be validated against: they came as differences only. */
  get withoutSnapshot(): readonly string[] {
    return [...this.#withoutSnapshot].sort();
  }

  get digest(): string {
    const hash: Hash = createHash('sha256').update(JSON.stringify(this.manifest));
    for (const { type, url, version, content } of this.definitions)
      hash.update(JSON.stringify([type, url, version])).update(inflateSync(content));
    return hash.digest('hex');
  }

  #keep(resource: DefinitionResource): void {
    const { resourceType: type, url } = resource;
    const version = typeof resource.version === 'string' ? resource.version : '';
    if (type === 'StructureDefinition' && resource.snapshot === undefined) this.#withoutSnapshot.add(url);
    // Prose that no rule reads makes up most of a package.
    const { text: _text, differential: _differential, mapping: _mapping, ...kept } = resource;
    const content = deflateSync(stringifyExact(kept));
    this.#definitions.set(JSON.stringify([type, url, version]), { type, url, version, content });
  }
}

/** The resource that was kept. */
export const contentOf = (content: Uint8Array): unknown => parseExact(inflateSync(content).toString('utf8'));

interface DefinitionResource {
  readonly resourceType: DefinitionType;
  readonly url: string;
  readonly [element: string]: unknown;
}

function isDefinition(value: unknown): value is DefinitionResource {
  if (typeof value !== 'object' || value === null) return false;
  const { resourceType, url } = value as Record<string, unknown>;
  return (
    definitionTypes.some((type) => type === resourceType) &&
    typeof url === 'string' &&
    url.length > 0 &&
    url.length <= 1000
  );
}

function parsed(name: string, bytes: Buffer): unknown {
  try {
    return parseJson(bytes, { maxBytes: bytes.length });
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const place = error.place === undefined ? '' : `, ${error.place}`;
    throw invalidPackage(`package/${name}${place}`, error.rule);
  }
}
