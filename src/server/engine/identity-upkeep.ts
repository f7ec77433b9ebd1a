import {
  adoptedModel,
  type Identity,
  type IdentitySettings,
  keepSettings,
} from '../../clinical/identity/index.ts';
import type { Model } from '../../clinical/matching/index.ts';
import type { Config } from '../../exchange/channels/index.ts';
import type { Clock } from '../../foundation/clock/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { Chore } from './chores.ts';
import { identitySettingsOf } from './identity-options.ts';

/** What identity goes by: what the configuration declares, over the model that was adopted last. */
export class IdentityInForce {
  readonly #database: Database;
  readonly #config: () => Config;
  #adopted: Model | undefined;

  constructor(database: Database, config: () => Config) {
    this.#database = database;
    this.#config = config;
  }

  settings(): IdentitySettings {
    return identitySettingsOf(this.#config(), this.#adopted);
  }

  /** Looks which model is adopted. To be done before the first patient is looked at. */
  async refresh(): Promise<void> {
    this.#adopted = await adoptedModel(this.#database);
  }

  /** Says what is in force, for the commands. */
  keep(at: Date): Promise<void> {
    return keepSettings(this.#database, this.settings(), at);
  }
}

/** Takes up a model that was adopted, and lets those look for others once more whom two transactions at once kept from seeing each other. */
export function identityChore(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly inForce: IdentityInForce;
}): Chore {
  const { clock, identity, inForce } = parts;
  return {
    name: 'identity',
    everyMs: 2_000,
    owner: true,
    async run(signal) {
      await inForce.refresh();
      await inForce.keep(clock.now());
      while (!signal.aborted && (await identity.settle()) > 0);
    },
  };
}
