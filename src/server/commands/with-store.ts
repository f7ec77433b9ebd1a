import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createIdentity, settingsInForce } from '../../clinical/identity/index.ts';
import { type AuditPort, createAudit } from '../../foundation/audit/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import type { Settings } from '../../foundation/config/index.ts';
import { loadKeyring } from '../../foundation/crypto/index.ts';
import { type Database, pendingMigrations } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { type Access, type AuditDoor, createAccess, type MessageDoor } from '../../trust/access/index.ts';
import { observePatients } from '../engine/observe-patients.ts';
import { allMigrations } from '../engine/schema.ts';
import { openStore } from '../engine/store.ts';
import { currentSettings, loggerOf } from './settings.ts';

/** What a command works with: the database of the engine, running or not, and who asks. */
export interface CommandStore {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly database: Database;
  readonly messages: MessageDoor;
  /** The record, opened for a context. */
  readonly access: Pick<Access, 'openRecord' | 'openRecordIn'>;
  /** Writes the audit trail. */
  readonly audit: AuditPort;
  /** Reads it. */
  readonly trail: AuditDoor;
  /** The login of whoever runs the command, for the audit trail. */
  readonly actor: string;
}

/**
 * Opens the engine's database for one command: DATABASE_URL, or the embedded server of ISTHMUS_HOME, which is started for the while when no
 * engine runs. An engine that runs is not disturbed.
 */
export async function withStore<T>(
  work: (store: CommandStore) => Promise<T>,
  { connections = 3 }: { readonly connections?: number } = {},
): Promise<T> {
  const settings = currentSettings();
  const logger = loggerOf(settings, { quiet: true });
  refuseEmptyHome(settings);
  const store = await openStore({
    settings: { ...settings, databasePool: connections },
    logger,
    clock: systemClock,
    role: 'command',
  });
  try {
    const { database } = store;
    await refuseOldSchema(database);
    const keyring = settings.keys === undefined ? undefined : await loadKeyring(settings.keys);
    const sealed = keyring ? { keyring } : {};
    const inForce = await settingsInForce(database);
    const identity = createIdentity({
      ...{ database, logger, clock: systemClock, ...sealed },
      settings: () => inForce,
    });
    const access = createAccess({
      ...{ database, ...sealed },
      observe: observePatients(identity, systemClock),
    });
    const actor = loginName();
    const context = { who: actor, purpose: 'HOPERAT' } as const;
    const [messages, trail] = [access.openMessages(context), access.openAudit(context)];
    return await work({
      ...{ settings, logger, database, messages, trail, actor, access },
      audit: createAudit(database),
    });
  } finally {
    await store.close();
  }
}

function loginName(): string {
  try {
    return `login ${userInfo().username}`;
  } catch {
    // A container may run as a number without a name.
    return `login ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** A command in the wrong folder must not make a new, empty engine there. */
function refuseEmptyHome({ databaseUrl, home }: Settings): void {
  const isThere = ['postgresql', 'postgresql.place'].some((name) => existsSync(join(home, name)));
  if (databaseUrl !== undefined || isThere) return;
  throw new IsthmusError('HOME_EMPTY', { place: home });
}

async function refuseOldSchema(database: Database): Promise<void> {
  const pending = await pendingMigrations(database, allMigrations);
  if (pending.length === 0) return;
  throw new IsthmusError('DATABASE_SCHEMA', {
    place: pending.map(({ name }) => name).join(', '),
    rule: 'not applied yet',
  });
}
