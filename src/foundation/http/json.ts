import type { FastifyInstance } from 'fastify';
import { IsthmusError } from '../errors/index.ts';

/** FHIR resources nest some ten deep; JSON.parse would take 200,000, and what comes out can't be written again. */
const MAX_DEPTH = 100;

/** Parses JSON from outside: bounded depth, no `__proto__`. Throws INVALID_REQUEST naming the rule, never the content. */
export function parseJson(text: string, maxDepth: number = MAX_DEPTH): unknown {
  if (depthOf(text, maxDepth) > maxDepth) {
    throw new IsthmusError('INVALID_REQUEST', { place: 'body', rule: `JSON nested deeper than ${maxDepth}` });
  }
  try {
    return JSON.parse(text, text.includes('__proto__') || text.includes('\\u') ? refuseProto : undefined);
  } catch (cause) {
    if (cause instanceof IsthmusError) throw cause;
    // Newer versions of V8 quote the text around the mistake; only where it is may be told.
    const position = /position (\d+)/.exec((cause as Error).message)?.[1];
    const place = position === undefined ? 'body' : `body, character ${position}`;
    throw new IsthmusError('INVALID_REQUEST', { place, rule: 'not JSON' });
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__')
    throw new IsthmusError('INVALID_REQUEST', {
      place: 'body',
      rule: 'a property may not be named __proto__',
    });
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Deepest nesting of brackets outside strings; stops counting above the limit. */
function depthOf(text: string, limit: number): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length && deepest <= limit; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) i = endOfString(text, i);
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i;
  }
  return text.length;
}

export function parseJsonBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(
    /^application\/([\w.-]+\+)?json\s*(;|$)/i,
    { parseAs: 'string' },
    async (_request: unknown, text: string) => {
      if (text.trim() === '')
        throw new IsthmusError('INVALID_REQUEST', { place: 'body', rule: 'a JSON body is needed' });
      return parseJson(text);
    },
  );
}
