import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface TarEntry {
  readonly path: string;
  readonly content: string | Buffer | object;
  readonly type?: 'File' | 'SymbolicLink' | 'Directory';
  readonly linkpath?: string;
}

/** A tar archive with these entries, as it is; the header of each says the size of its content. */
export function tarball(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content, type = 'File', linkpath }) => {
    const text = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
    const bytes = Buffer.from(text);
    const header = new Header({
      path,
      type,
      size: bytes.length,
      mode: 0o644,
      mtime: new Date(0),
      ...(linkpath ? { linkpath } : {}),
    });
    const block = Buffer.alloc(512);
    header.encode(block);
    return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export async function* chunksOf(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The gzipped archive in small chunks, as from a file. */
export const tgz = (entries: readonly TarEntry[]): AsyncGenerator<Buffer> =>
  chunksOf(gzipSync(tarball(entries)));

export const manifest = (more: object = {}): TarEntry => ({
  path: 'package/package.json',
  content: { name: 'example.visits', version: '1.0.0', fhirVersions: ['4.0.1'], ...more },
});

const base = { min: 0, max: '*' };

/** A profile of Patient that wants a birth date, and a marital status of a value set. */
export const profile = (version = '1.0.0', more: object = {}): TarEntry => ({
  path: 'package/StructureDefinition-visit-patient.json',
  content: {
    resourceType: 'StructureDefinition',
    url: 'http://example.org/visit-patient',
    version,
    name: 'VisitPatient',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    text: { status: 'generated', div: '<div>long</div>' },
    snapshot: {
      element: [
        { id: 'Patient', path: 'Patient', ...base },
        {
          id: 'Patient.birthDate',
          path: 'Patient.birthDate',
          min: 1,
          max: '1',
          base: { path: 'Patient.birthDate', min: 0, max: '1' },
          type: [{ code: 'date' }],
        },
        {
          id: 'Patient.maritalStatus',
          path: 'Patient.maritalStatus',
          min: 0,
          max: '1',
          base: { path: 'Patient.maritalStatus', min: 0, max: '1' },
          type: [{ code: 'CodeableConcept' }],
          binding: { strength: 'required', valueSet: 'http://example.org/vs/marital' },
        },
      ],
    },
    ...more,
  },
});

export const valueSet: TarEntry = {
  path: 'package/ValueSet-marital.json',
  content: {
    resourceType: 'ValueSet',
    url: 'http://example.org/vs/marital',
    status: 'active',
    compose: {
      include: [
        { system: 'http://example.org/cs/marital' },
        { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus' },
        { valueSet: ['http://hl7.org/fhir/ValueSet/administrative-gender'] },
      ],
    },
  },
};

export const codeSystem: TarEntry = {
  path: 'package/CodeSystem-marital.json',
  content: {
    resourceType: 'CodeSystem',
    url: 'http://example.org/cs/marital',
    content: 'complete',
    concept: [{ code: 'together' }],
  },
};
