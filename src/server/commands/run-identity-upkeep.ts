import {
  adoptModel,
  dropModel,
  estimateModel,
  type Reconciled,
  type ReconcileProgress,
} from '../../clinical/identity/index.ts';
import { defaultModel, type Model } from '../../clinical/matching/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import type { EstimateCommandOptions, ReconcileCommandOptions } from './identity-options.ts';
import { printJson, printLine, printTable } from './output.ts';
import { durationOf, grouped, progressTeller } from './progress.ts';
import { withIdentity } from './with-identity.ts';
import type { CommandStore } from './with-store.ts';

export async function runReconcile({ all = false, json = false }: ReconcileCommandOptions): Promise<void> {
  const teller = progressTeller<ReconcileProgress>({ clock: systemClock, quiet: json }, progressLine);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { signal } = stopping;
  const reconciled = await withIdentity((identity) =>
    identity.reconcile({ all, signal, onProgress: (progress) => teller.tell(progress) }),
  );
  teller.end();
  if (json) printJson(reconciled);
  else tellReconciled(reconciled);
  if (!reconciled.isComplete) throw new Exit(exitCodes.waiting);
}

function progressLine({ stage, done, total }: ReconcileProgress, passedMs: number): string {
  const what = stage === 'comparing' ? 'source patients compared' : 'persons of several sources looked at';
  const left = done === 0 ? '' : `, ${durationOf((passedMs / done) * Math.max(0, total - done))} left`;
  return `${grouped(done)} of ${grouped(total)} ${what}${left}`;
}

function tellReconciled({
  compared,
  linked,
  provisional,
  clusters,
  suspicious,
  isComplete,
}: Reconciled): void {
  printLine(
    `${grouped(compared)} source patients compared: ${grouped(linked)} linked, ${grouped(provisional)} to be decided`,
  );
  printLine(`${grouped(clusters)} persons of several sources: ${grouped(suspicious)} newly suspicious`);
  if (!isComplete) printLine('broken off; the same command goes on');
}

export async function runEstimate(options: EstimateCommandOptions): Promise<void> {
  const { sample, adopt = false, shipped = false, reason, json = false } = options;
  if ((adopt || shipped) && reason === undefined)
    throw new IsthmusError('INVALID_REQUEST', {
      place: '--reason',
      rule: 'needed with --adopt and --shipped',
    });
  if (adopt && shipped)
    throw new IsthmusError('INVALID_REQUEST', { place: '--shipped', rule: 'not together with --adopt' });
  if (shipped) return withIdentity((_identity, store) => backToShipped(store, reason ?? ''));
  const version = `site ${systemClock.now().toISOString()}`;
  const { model, sources } = await withIdentity(async (_identity, store) => {
    const estimated = await estimateModel(store.database, { basis: defaultModel, version, sample });
    if (adopt) demandPlausible(estimated.model, estimated.sources);
    if (adopt) await adopted(store, { ...estimated, reason: reason ?? '' });
    return estimated;
  });
  if (json) return printJson({ sources, adopted: adopt, model });
  printLine(`from ${grouped(sources)} source patients: ${model.version}`);
  tellModel(model);
  if (adopt) printLine('in use from now on; isthmus identity reconcile compares everybody by it');
}

const MIN_SOURCES = 1_000;

/** Too few sources, or data full of test patients, teach that one person's birth dates differ. */
function demandPlausible({ fields }: Model, sources: number): void {
  const refused = (rule: string) => new IsthmusError('INVALID_REQUEST', { place: '--adopt', rule });
  if (sources < MIN_SOURCES) throw refused(`at least ${MIN_SOURCES} source patients; there are ${sources}`);
  for (const field of ['birthDate', 'family'] as const)
    if (fields[field].exact.m < 0.7)
      throw refused(
        `a model in which ${field} of one person agrees in most cases; the data may hold many test patients`,
      );
}

async function adopted(
  { database, audit, actor }: CommandStore,
  { model, sources, reason }: { readonly model: Model; readonly sources: number; readonly reason: string },
): Promise<void> {
  await database.transaction(async (transaction) => {
    await adoptModel(transaction, { model, sources, by: actor, reason, at: systemClock.now() });
    const target = `identity-model ${model.version}`;
    await audit.recordIn(transaction, {
      action: 'identity.model.adopt',
      actor,
      target,
      outcome: 'success',
      reason,
    });
  });
}

async function backToShipped({ database, audit, actor }: CommandStore, reason: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await dropModel(transaction);
    const target = `identity-model ${defaultModel.version}`;
    await audit.recordIn(transaction, {
      action: 'identity.model.adopt',
      actor,
      target,
      outcome: 'success',
      reason,
    });
  });
  printLine(`the shipped model ${defaultModel.version} is in use from now on`);
}

/** How often a field agrees exactly with one person and with two, by this model and by the shipped one. */
function tellModel(model: Model): void {
  printTable(
    ['field', 'same person', 'shipped', 'strangers', 'shipped'],
    Object.entries(model.fields).map(([field, levels]) => {
      const shipped = defaultModel.fields[field as keyof Model['fields']];
      return [
        ...[field, share(levels.exact.m), share(shipped.exact.m)],
        ...[share(levels.exact.u), share(shipped.exact.u)],
      ];
    }),
  );
}

const share = (value: number): string => value.toPrecision(3);
