import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { recordTransaction, resourceId } from '../../record/index.ts';
import type { CodeSystemHeader, ConceptMapHeader } from './types.ts';

const SYSTEM = 'terminology';

/** Marks a resource that only says that something is loaded: its content lies in tables. */
export const LOADED_TAG = { system: 'urn:isthmus:terminology', code: 'loaded' } as const;

export type StubOf = { readonly url: string; readonly version: string; readonly count: number } & (
  | { readonly kind: 'code-system'; readonly header: CodeSystemHeader }
  | { readonly kind: 'concept-map'; readonly header: ConceptMapHeader }
);

const stubType = (kind: StubOf['kind']) => (kind === 'code-system' ? 'CodeSystem' : 'ConceptMap');

/** The same for the same canonical and version, so that loading it again is a new version of the same resource. */
const stubId = ({ kind, url, version }: Pick<StubOf, 'kind' | 'url' | 'version'>): string =>
  resourceId(stubType(kind), SYSTEM, `${url}|${version}`);

/** Writes the resource that search and read find for what is loaded, within the transaction that makes it ready. */
export async function writeStub(transaction: Transaction, of: StubOf, keyring?: Keyring): Promise<string> {
  const id = stubId(of);
  const { name, title, status } = of.header;
  const common = {
    ...{ id, meta: { tag: [LOADED_TAG] }, url: of.url },
    ...(of.version === '' ? {} : { version: of.version }),
    ...(name === undefined ? {} : { name }),
    ...(title === undefined ? {} : { title }),
    status,
  };
  const resource =
    of.kind === 'code-system'
      ? { resourceType: 'CodeSystem', ...common, ...codeSystemParts(of.header), count: of.count }
      : { resourceType: 'ConceptMap', ...common, ...mapParts(of.header) };
  await recordOf(transaction, keyring).write([{ op: 'update', method: 'PUT', resource }]);
  return id;
}

export async function deleteStub(
  transaction: Transaction,
  { kind, id }: { kind: StubOf['kind']; id: string },
  keyring?: Keyring,
): Promise<void> {
  await recordOf(transaction, keyring).write([{ op: 'delete', type: stubType(kind), id }]);
}

const recordOf = (transaction: Transaction, keyring: Keyring | undefined) =>
  recordTransaction(
    transaction,
    { system: SYSTEM },
    { scope: { kind: 'everything' }, ...(keyring ? { keyring } : {}) },
  );

function codeSystemParts(header: CodeSystemHeader): object {
  const { isExperimental, isCaseSensitive, hierarchyMeaning, valueSet, language } = header;
  return {
    ...(isExperimental === undefined ? {} : { experimental: isExperimental }),
    ...(language === undefined ? {} : { language }),
    caseSensitive: isCaseSensitive,
    ...(valueSet === undefined ? {} : { valueSet }),
    ...(hierarchyMeaning === undefined ? {} : { hierarchyMeaning }),
    content: 'not-present',
  };
}

const mapParts = ({ sourceScope, targetScope }: ConceptMapHeader): object => ({
  ...(sourceScope === undefined ? {} : { sourceUri: sourceScope }),
  ...(targetScope === undefined ? {} : { targetUri: targetScope }),
});
