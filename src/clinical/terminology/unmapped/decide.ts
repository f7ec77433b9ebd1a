import type { AuditPort } from '../../../foundation/audit/index.ts';
import type { Clock } from '../../../foundation/clock/index.ts';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Database, Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { TerminologySource } from '../../../standards/terminology/index.ts';
import { type Json, recordTransaction } from '../../record/index.ts';
import type { Loaded } from '../translate/finder.ts';
import { ownMapOf } from '../translate/rules.ts';
import { readUnmapped } from './list.ts';
import { ownMapId, withEntry, withoutEntries } from './own-map.ts';
import * as statements from './sql.ts';
import type { Decided, Decider, MapDecision, UnmappedCode } from './types.ts';

export interface DecidingTools {
  readonly database: Database;
  readonly loaded: Loaded;
  /** Told in the transaction of the decision. */
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly keyring?: Keyring;
}

/** What takes the place of a system's name where the record says who said it. */
const DECIDED_HERE = { system: 'isthmus' } as const;

/**
 * Decides what a code is in another system: an entry of the translation's own concept map, its next version, and a state of the work list.
 * Throws UNMAPPED_UNKNOWN, TRANSLATION_TARGET when the target is not a code that may be used.
 */
export const mapUnmapped = (tools: DecidingTools, decision: MapDecision): Promise<Decided> =>
  tools.database.transaction(async (transaction) => {
    const { id, target, equivalence = 'equivalent', actor, reason } = decision;
    const unmapped = await readUnmapped(transaction, id);
    const { translation, system, code, display } = unmapped;
    if (target.system === system && target.code === code)
      throw refused('another code than the one it stands for');
    // R4 datatypes.html#code; a blank too many would be another code to whoever reads it.
    if (!/^\S+(?: \S+)*$/.test(target.code)) throw refused('a code without blanks around it');
    const checked = await checkTarget(await tools.loaded.source(), target);
    const from = { system, code, ...(display === undefined ? {} : { display }) };
    const map = await changeOwnMap(transaction, { ...tools, translation }, (before) =>
      withEntry(
        before,
        translation,
        { from, to: checked.to, equivalence, comment: reason },
        tools.clock.now(),
      ),
    );
    const occurrences = await decideAll(transaction, unmapped, 'mapped', decision);
    const reference = `ConceptMap/${ownMapId(translation)}`;
    await tools.audit.recordIn(transaction, {
      ...{ action: 'terminology.map', actor, reason, outcome: 'success' },
      target: `${reference} unmapped ${id}`,
    });
    return {
      ...{ map: `${ownMapOf(translation)}|${map?.version}`, reference, from, to: checked.to },
      ...{ isUnchecked: checked.isUnchecked, occurrences },
    };
  });

/** Decides that a code is to stay as it is; what was decided of it before is taken back. Throws UNMAPPED_UNKNOWN. */
export const ignoreUnmapped = (
  tools: DecidingTools,
  decision: Decider & { readonly id: number },
): Promise<UnmappedCode> =>
  tools.database.transaction(async (transaction) => {
    const { id, actor, reason } = decision;
    const unmapped = await readUnmapped(transaction, id);
    const { translation, system, code } = unmapped;
    await changeOwnMap(
      transaction,
      { ...tools, translation },
      (before) => before && withoutEntries(before, translation, { system, code }, tools.clock.now()),
    );
    await decideAll(transaction, unmapped, 'ignored', decision);
    await tools.audit.recordIn(transaction, {
      ...{ action: 'terminology.ignore', actor, reason, outcome: 'success' },
      target: `unmapped ${id}`,
    });
    return readUnmapped(transaction, id);
  });

interface Changing extends DecidingTools {
  readonly translation: string;
}

/** One after the other, so that no decision is lost; the map as it then stands. */
async function changeOwnMap(
  transaction: Transaction,
  { keyring, translation }: Changing,
  change: (before: Json | undefined) => Json | undefined,
): Promise<Json | undefined> {
  const options = { scope: { kind: 'everything' as const }, ...(keyring ? { keyring } : {}) };
  const record = recordTransaction(transaction, DECIDED_HERE, options);
  await record.lockCriteria([ownMapOf(translation)]);
  const stored = await record.lock('ConceptMap', ownMapId(translation));
  const before = stored && (JSON.parse(stored.json) as Json);
  const after = change(before);
  if (after && after !== before) await record.write([{ op: 'update', method: 'PUT', resource: after }]);
  return after;
}

async function decideAll(
  transaction: Transaction,
  { translation, system, code }: UnmappedCode,
  state: 'mapped' | 'ignored',
  { actor, reason }: Decider,
): Promise<number> {
  const rows = await transaction.query<{ count: number }>(statements.decideUnmapped, [
    ...[translation, system, code],
    ...[state, actor, reason],
  ]);
  return rows.reduce((sum, { count }) => sum + count, 0);
}

/** Where the target's system is there whole, it must have the code, and the code be in use. */
async function checkTarget(
  source: TerminologySource,
  target: MapDecision['target'],
): Promise<{ to: MapDecision['target']; isUnchecked: boolean }> {
  const view = await source.codeSystem(target.system);
  if (!view || view.content === 'not-present') return { to: target, isUnchecked: true };
  const concept = (await view.find([target.code])).get(target.code);
  if (!concept) {
    if (view.content !== 'complete') return { to: target, isUnchecked: true };
    throw refused(`a code of ${target.system}${view.version === undefined ? '' : ` ${view.version}`}`);
  }
  if (!concept.isActive) throw refused('a code that is in use: this one is inactive');
  if (concept.isAbstract) throw refused('a code that may be used as a value: this one only groups others');
  const display = target.display ?? concept.display;
  const to = { system: target.system, code: concept.code, ...(display === undefined ? {} : { display }) };
  return { to, isUnchecked: false };
}

const refused = (rule: string): IsthmusError =>
  new IsthmusError('TRANSLATION_TARGET', { place: '--to', rule });
