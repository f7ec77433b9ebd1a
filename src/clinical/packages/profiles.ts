import type { Database } from '../../foundation/database/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import {
  createValidator,
  type Issue,
  type ProfileSource,
  type ValidatedResource,
  type ValidateOptions,
  type Validator,
} from '../../standards/fhir-validation/index.ts';
import { Definitions } from './definitions.ts';
import { CHANNEL, type DefinitionRow, statements } from './sql.ts';

export interface Profiles {
  /** Validates against R4 and what the loaded packages define; follows them by itself. */
  readonly validator: Validator;
  /** What the packages define as of now. Another object after one was loaded or removed. */
  current(): ProfileSource;
  /** Canonical URLs of the profiles that are loaded for a resource type, as of now. */
  profilesOf(type: string): readonly string[];
  /** Waits until what was loaded or removed before the call counts. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The profiles of the loaded packages, for as long as a process runs: read once, and again whenever a package is loaded or removed, here or by another process. While they
 * can't be read the last ones stay in force.
 */
export async function openProfiles(database: Database, { logger }: { logger: Logger }): Promise<Profiles> {
  const live = new LiveProfiles(database);
  const subscription = await database.listen(CHANNEL, () => {
    live.refresh().catch((error: unknown) => {
      logger.error(
        { err: error },
        'the FHIR packages could not be read again; the former ones stay in force',
      );
    });
  });
  try {
    await live.refresh();
  } catch (error) {
    await subscription.stop();
    throw error;
  }
  return {
    validator: live,
    current: () => live.definitions,
    profilesOf: (type) => live.definitions.profilesOf(type),
    refresh: () => live.refresh(),
    async close() {
      await subscription.stop();
      await live.settled();
    },
  };
}

class LiveProfiles implements Validator {
  definitions: Definitions = new Definitions([]);
  readonly #database: Database;
  #validator: Validator = createValidator();
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  validate(resource: ValidatedResource, options?: ValidateOptions): Issue[] {
    return this.#validator.validate(resource, options);
  }

  profiledType(canonical: string): string | undefined {
    return this.#validator.profiledType(canonical);
  }

  /** A reading that is under way may have begun before the change, so another one follows it; more than that one are not needed. */
  refresh(): Promise<void> {
    if (!this.#reading) return this.#read();
    this.#next ??= this.#reading.then(
      () => this.#read(),
      () => this.#read(),
    );
    return this.#next;
  }

  /** Nothing is being read any more, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#reading, this.#next]);
  }

  #read(): Promise<void> {
    this.#next = undefined;
    const reading = this.#readNow().finally(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  async #readNow(): Promise<void> {
    this.definitions = new Definitions(await this.#database.query<DefinitionRow>(statements.definitions));
    this.#validator = createValidator(this.definitions);
  }
}
