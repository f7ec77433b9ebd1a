import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type FhirAnswer, type FhirRequest, notFound } from '../../fhir/index.ts';
import type { KickOff } from './kick-off.ts';

export const NDJSON = 'application/fhir+ndjson';
const unpack = promisify(gunzip);

/** A file of an export that is complete, as it comes out of the database; gzip for who takes it. */
export async function file(
  request: FhirRequest,
  { store, ownerOf, now }: Pick<KickOff, 'store' | 'ownerOf' | 'now'>,
): Promise<FhirAnswer> {
  const { id = '', version: name = '' } = request.target;
  const [, number] = /^([1-9]\d{0,6})\.ndjson$/.exec(name) ?? [];
  const chunks = number && (await store.file(id, ownerOf(request), { number: Number(number), now: now() }));
  if (!chunks) throw notFound();
  const packed = takesGzip(request.header('accept-encoding'));
  const headers = { vary: 'accept-encoding', ...(packed ? { 'content-encoding': 'gzip' } : {}) };
  const answer = { status: 200, headers, contentType: NDJSON };
  if (request.method === 'HEAD') return { ...answer, body: '' };
  return { ...answer, stream: Readable.from(packed ? chunks : unpacked(chunks), { objectMode: false }) };
}

/** Each chunk is a gzip member of its own. */
async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield await unpack(chunk);
}

const takesGzip = (header: string | undefined): boolean =>
  (header ?? '').split(',').some((one) => {
    const [coding, quality] = one.split(';').map((part) => part.trim().toLowerCase());
    return coding === 'gzip' && !/^q=0(\.0*)?$/.test(quality ?? '');
  });
