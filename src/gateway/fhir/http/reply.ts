import type { FastifyReply } from 'fastify';
import { parseExact, stringifyExact } from '../../../standards/fhir/index.ts';
import type { FhirAnswer, Parameter } from '../interaction.ts';
import { FHIR_JSON } from './media.ts';

export interface ReplyForm {
  /** `_pretty=true`: lines and indents. */
  readonly pretty: boolean;
}

export const replyForm = (parameters: readonly Parameter[]): ReplyForm => ({
  pretty: parameters.some(([name, value]) => name === '_pretty' && value === 'true'),
});

/** An answer of which nothing is taken for so long is given up, with its connection. */
const TAKEN_WITHIN_MS = 30_000;
/** Indents are for human eyes; what nobody reads through is not held up for them. */
const MAX_PRETTY = 2_097_152;

export const sizeOf = ({ body }: FhirAnswer): number => body?.length ?? 0;

/** Sends an answer of an interaction over HTTP. */
export function sendAnswer(reply: FastifyReply, answer: FhirAnswer, { pretty }: ReplyForm): FastifyReply {
  const { raw } = reply;
  raw.setTimeout(TAKEN_WITHIN_MS, () => raw.destroy());
  reply.code(answer.status);
  if (answer.headers) reply.headers(answer.headers);
  const { body, stream, contentType = FHIR_JSON } = answer;
  if (stream) return reply.header('content-type', contentType).send(stream);
  if (body === undefined) return reply.send();
  reply.header('content-type', contentType);
  if (pretty && contentType === FHIR_JSON && body.length <= MAX_PRETTY)
    return reply.send(Buffer.from(indented(body)));
  return reply.send(typeof body === 'string' ? Buffer.from(body) : body);
}

const indented = (json: string | Uint8Array): string =>
  stringifyExact(parseExact(typeof json === 'string' ? json : Buffer.from(json).toString()), 2);
