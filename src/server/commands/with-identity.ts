import { createIdentity, type Identity, settingsInForce } from '../../clinical/identity/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import { loadKeyring } from '../../foundation/crypto/index.ts';
import { heldMessage } from '../engine/held-message.ts';
import { releaseHeld } from '../engine/release-held.ts';
import { type CommandStore, withStore } from './with-store.ts';

/** Identity as the engine goes by it, for one command. */
export const withIdentity = <T>(work: (identity: Identity, store: CommandStore) => Promise<T>): Promise<T> =>
  withStore(async (store) => {
    const { database, logger, settings } = store;
    const keyring = settings.keys === undefined ? undefined : await loadKeyring(settings.keys);
    const inForce = await settingsInForce(database);
    const identity = createIdentity({
      ...{ database, logger, clock: systemClock, onAnswered: releaseHeld(database) },
      readMessage: heldMessage(database, keyring),
      ...inForce,
      ...(keyring ? { keyring } : {}),
    });
    return work(identity, store);
  });
