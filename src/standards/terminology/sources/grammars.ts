import { TerminologyError } from '../errors.ts';
import type { CodeSystemView, Concept, Filter } from '../types.ts';

const LANGUAGES = 'urn:ietf:bcp:47';
const MIME_TYPES = 'urn:ietf:bcp:13';

/** BCP 47 (RFC 5646) 2.1: language, extended language, script, region, variants, extensions, private use. */
const LANGUAGE_TAG =
  /^(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+)$/i;
/** BCP 13 (RFC 6838) 4.2, with parameters (RFC 2045 5.1). */
const MEDIA_TYPE =
  /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}(?:\s*;\s*[\w!#$&^.+-]+=(?:[\w!#$&^.+-]+|"[^"]*"))*$/i;
const MAX_LENGTH = 200;

const grammars: ReadonlyMap<string, CodeSystemView> = new Map([
  [LANGUAGES, grammarView(LANGUAGES, 'Tags for the identification of languages (BCP 47)', LANGUAGE_TAG)],
  [MIME_TYPES, grammarView(MIME_TYPES, 'Media types (BCP 13)', MEDIA_TYPE)],
]);

/** A code system whose codes are those of a grammar, which required bindings of FHIR need: languages and media types. */
export const grammarSystem = (url: string): CodeSystemView | undefined => grammars.get(url);

/** Codes can be looked up and validated; none can be listed. Whether a well-formed code is registered is not known here. */
function grammarView(url: string, title: string, grammar: RegExp): CodeSystemView {
  const isCode = (code: string) => code.length <= MAX_LENGTH && grammar.test(code);
  const endless = async (): Promise<never> => {
    throw new TerminologyError('too-costly', `The codes of ${url} are without end and cannot be listed`, {
      detail: 'too-costly',
    });
  };
  const withoutFilters = (filters: readonly Filter[]) => {
    const [filter] = filters;
    if (filter)
      throw new TerminologyError('not-supported', `${url} has no filter ${filter.op} on ${filter.property}`);
  };
  return {
    ...{ url, title, status: 'active', isCaseSensitive: false, content: 'complete', properties: [] },
    find: async (codes) => new Map(codes.filter(isCode).map((code) => [code, conceptOf(code)])),
    children: async () => [],
    isAncestor: async () => false,
    select: endless,
    total: endless,
    matching: async (codes, filters) => {
      withoutFilters(filters);
      return new Set(codes.filter(isCode));
    },
  };
}

const conceptOf = (code: string): Concept => ({
  ...{ code, display: code, isActive: true, isAbstract: false },
  ...{ designations: [], properties: [], parents: [] },
});
