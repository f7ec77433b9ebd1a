import {
  applyWrites,
  type Json,
  type RecordWrite,
  recordReader,
  resourceId,
} from '../../src/clinical/record/index.ts';
import {
  createTranslator,
  createWorkList,
  openTerminology,
  type Terminology,
  type TranslationRules,
  type Translator,
  type WorkList,
} from '../../src/clinical/terminology/index.ts';
import { createAudit, listAudit } from '../../src/foundation/audit/index.ts';
import { manualClock } from '../../src/foundation/clock/index.ts';
import { sql, type Transaction } from '../../src/foundation/database/index.ts';
import { allMigrations } from '../../src/server/engine/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

export const ICD9 = 'http://hl7.org/fhir/sid/icd-9-cm';
export const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
export const SNOMED = 'http://snomed.info/sct';
export const LOINC = 'http://loinc.org';
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
export const NDC = 'http://hl7.org/fhir/sid/ndc';
export const UCUM = 'http://unitsofmeasure.org';
export const LOCAL = 'urn:isthmus:codes:general:L';
export const GEMS = 'http://cms.example/gems';

export const general: TranslationRules = { name: 'general-to-standard' };

type Coding = {
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
  readonly [more: string]: unknown;
};
export type Concept = { readonly coding?: readonly Coding[]; readonly text?: string };

/** One row of a map: source and target as `system|code`; without a target it is stated that there is none. */
export type Row = readonly [from: string, to: string | undefined, equivalence: string];

export function conceptMap(url: string, rows: readonly Row[], version = '2018'): Json {
  const groups = new Map<string, { source: string; target: string | undefined; element: object[] }>();
  for (const [from, to, equivalence] of rows) {
    const [source = '', code = ''] = from.split('|');
    const [target, targetCode] = to?.split('|') ?? [];
    const key = `${source}>${target}`;
    const group = groups.get(key) ?? { source, target, element: [] };
    groups.set(key, group);
    group.element.push({
      code,
      target: [{ ...(targetCode ? { code: targetCode } : {}), equivalence, comment: 'as published' }],
    });
  }
  const id = url.replaceAll(/[^A-Za-z0-9]/g, '-').slice(-60);
  return { resourceType: 'ConceptMap', id, url, version, status: 'active', group: [...groups.values()] };
}

export const codeSystem = (url: string, concepts: readonly object[]): Json => ({
  ...{ resourceType: 'CodeSystem', id: url.replaceAll(/[^A-Za-z0-9]/g, '-').slice(-60), url, version: '1' },
  ...{ status: 'active', content: 'complete', concept: concepts },
});

export interface World {
  readonly db: TestDatabase;
  readonly terminology: Terminology;
  readonly translator: Translator;
  readonly workList: WorkList;
  put(...resources: readonly Json[]): Promise<void>;
  /** What a message says, translated and written in one transaction. */
  receive(writes: readonly RecordWrite[], options?: Receiving): Promise<void>;
  /** The same without writing. */
  translated(writes: readonly RecordWrite[], options?: Receiving): Promise<readonly RecordWrite[]>;
  read(type: string, id: string): Promise<Record<string, unknown>>;
  version(type: string, id: string): Promise<number>;
  audited(action: string): Promise<readonly { target: string; reason: string | null }[]>;
  rows(text: string): Promise<readonly Record<string, unknown>[]>;
}

interface Receiving {
  readonly rules?: readonly TranslationRules[];
  readonly messageId?: number;
  readonly sender?: string;
  /** Runs in the transaction after everything was written. */
  readonly afterwards?: (transaction: Transaction) => Promise<void>;
}

export async function openWorld(): Promise<World> {
  const db = await openTestDatabase({ migrations: allMigrations });
  const { database } = db;
  const terminology = openTerminology({ database });
  const translator = createTranslator(terminology);
  const reader = recordReader(database, { scope: { kind: 'everything' } });
  const clock = manualClock(new Date('2026-11-20T12:00:00Z'));
  const audit = createAudit(database);
  const translate = (transaction: Transaction, writes: readonly RecordWrite[], options: Receiving) =>
    translator.translate(transaction, [
      {
        ...{ rules: options.rules ?? [general], sender: options.sender ?? 'general', writes },
        ...(options.messageId === undefined ? {} : { messageId: options.messageId }),
      },
    ]);
  return {
    db,
    terminology,
    translator,
    workList: createWorkList({ database, loaded: terminology, audit, clock }),
    async put(...resources) {
      await reader.transaction({ system: 'test' }, (record) =>
        record.write(resources.map((resource) => ({ op: 'update', method: 'PUT', resource }))),
      );
    },
    async receive(writes, options = {}) {
      await database.transaction(async (transaction) => {
        const [own = []] = await translate(transaction, writes, options);
        await applyWrites(transaction, own);
        await options.afterwards?.(transaction);
      });
    },
    translated: (writes, options = {}) =>
      database.transaction(async (transaction) => (await translate(transaction, writes, options))[0] ?? []),
    async read(type, id) {
      const found = await reader.read(type, id);
      return JSON.parse(found?.json ?? '{}');
    },
    version: async (type, id) => (await reader.read(type, id))?.version ?? 0,
    audited: async (action) =>
      (await listAudit(database, { action, limit: 1_000 }, 'everything')).map(({ target, reason }) => ({
        target,
        reason: reason ?? null,
      })),
    rows: (text) => database.query(sql('test.rows', text, { prepare: false })),
  };
}

export const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 3, 10, minute));
const ada = { authority: '2.16.840.1.113883.19.5', identifier: 'MRN-1001' };

/** What a message of the hospital says about a resource; the key is its business key. */
export const said = (
  type: RecordWrite['type'],
  key: string,
  set: RecordWrite['set'],
  { minute = 0, messageId = 7 } = {},
): RecordWrite => ({
  ...{ type, key, set, id: resourceId(type, 'general', key) },
  origin: { system: 'general', patient: ada, messageId, eventTime: at(minute) },
});

export const coded = (...codings: readonly string[]): Concept => ({
  coding: codings.map((one) => {
    const [system = '', code = ''] = one.split('|');
    return system === '' ? { code } : { system, code };
  }),
});

/** `system|code` of each coding, those that were added behind a `+`. */
export const codesOf = (concept: unknown): string[] =>
  ((concept as Concept | undefined)?.coding ?? []).map(
    ({ system, code, extension }) => `${extension ? '+' : ''}${system ?? ''}|${code}`,
  );
