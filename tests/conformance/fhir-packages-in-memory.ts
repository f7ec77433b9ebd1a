import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Parser } from 'tar';
import {
  expandValueSet,
  parseExact,
  type Structure,
  structureFromDefinition,
  type ValueSetCodes,
} from '../../src/standards/fhir/index.ts';
import type { ProfileSource } from '../../src/standards/fhir-validation/index.ts';

/** The files of a .tar.gz or .tgz, by path; they are small and never touch the disk. */
export async function archiveFiles(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const parser = new Parser({
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => files.set(entry.path, Buffer.concat(chunks)));
    },
  });
  await pipeline(createReadStream(path), parser as unknown as NodeJS.WritableStream);
  return files;
}

interface Definition {
  readonly resourceType?: string;
  readonly url?: string;
}

/** What a package defines, as the validator asks for it. */
export function packageSource(files: ReadonlyMap<string, Buffer>): ProfileSource {
  const structures = new Map<string, Structure | 'no-snapshot'>();
  const terminology = { CodeSystem: new Map<string, unknown>(), ValueSet: new Map<string, unknown>() };
  for (const [path, bytes] of files) {
    if (!/^package\/(?:StructureDefinition|ValueSet|CodeSystem)-.*\.json$/.test(path)) continue;
    const definition = parseExact(bytes.toString()) as Definition;
    const { resourceType, url } = definition;
    if (!url) continue;
    if (resourceType === 'StructureDefinition')
      structures.set(url, structureFromDefinition(definition) ?? 'no-snapshot');
    if (resourceType === 'CodeSystem' || resourceType === 'ValueSet')
      terminology[resourceType].set(url, definition);
  }
  const find = (type: 'CodeSystem' | 'ValueSet') => (canonical: string) =>
    terminology[type].get(bare(canonical));
  const source = { codeSystem: find('CodeSystem'), valueSet: find('ValueSet') };
  const expanded = new Map<string, ValueSetCodes>();
  return {
    structure: (canonical) => structures.get(bare(canonical)),
    valueSet: (canonical) => {
      const url = bare(canonical);
      const definition = terminology.ValueSet.get(url);
      if (definition && !expanded.has(url)) expanded.set(url, expandValueSet(definition, source));
      return expanded.get(url);
    },
  };
}

const bare = (canonical: string): string => canonical.split('|')[0] ?? '';
