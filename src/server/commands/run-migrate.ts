import { systemClock } from '../../foundation/clock/index.ts';
import { migrate, pendingMigrations } from '../../foundation/database/index.ts';
import { allMigrations } from '../engine/schema.ts';
import { openStore } from '../engine/store.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';
import { currentSettings, loggerOf } from './settings.ts';

export async function runMigrate({ check, json }: { check: boolean; json: boolean }): Promise<void> {
  const settings = currentSettings();
  const logger = loggerOf(settings, { quiet: true });
  const store = await openStore({ settings, logger, clock: systemClock, role: 'command' });
  try {
    const act = check ? pendingMigrations : migrate;
    const concerned = (await act(store.database, allMigrations)).map(({ number, name }) => ({
      number,
      name,
    }));
    if (json) printJson(check ? { missing: concerned } : { applied: concerned });
    else tell(concerned, check);
    if (check && concerned.length > 0) throw new Exit(exitCodes.failed);
  } finally {
    await store.close();
  }
}

function tell(concerned: readonly { number: number; name: string }[], check: boolean): void {
  if (concerned.length === 0) printLine('the schema is that of this version');
  for (const { number, name } of concerned) printLine(`${check ? 'missing' : 'applied'} ${number} ${name}`);
}
