import type { Patient } from '@medplum/fhirtypes';
import { hasNumbers, type Identity } from '../../../clinical/identity/index.ts';
import type { RecordScope } from '../../../clinical/record/index.ts';
import { authoritiesOf } from '../../../clinical/source-patients/index.ts';
import type { AuditBatches } from '../../../foundation/audit/index.ts';
import { type Clock, systemClock } from '../../../foundation/clock/index.ts';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Database } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { AccessContext } from '../context.ts';
import { type FeederOf, type PatientFeed, patientFeed } from './feed.ts';
import { type SeenMatching, seenMatching } from './matching.ts';
import { type Stewardship, stewardship } from './stewardship.ts';

/** Who is who, as a context may ask and decide it. */
export interface IdentityDoor {
  /** Persons within the context whom a patient may be; nothing is written. */
  match(patient: Patient): Promise<SeenMatching>;
  /**
   * Whether anybody has a number that an authority of this system gave. False as well where the context is bound to a patient, who has the numbers that
   * its record shows.
   */
  knows(system: string): Promise<boolean>;
  /** What a source says of its numbers beside what it says of its patients. */
  readonly feed: PatientFeed;
  /** Decisions, and what they are taken by. Throws FORBIDDEN for a context without the right `identity`, or bound to a patient. */
  steward(): Stewardship;
}

export interface IdentityDoorOptions {
  readonly database: Database;
  readonly identity: Identity;
  readonly context: AccessContext;
  readonly scope: RecordScope;
  readonly audit: Pick<AuditBatches, 'recordAllIn'> | undefined;
  readonly clock?: Clock;
  readonly keyring?: Keyring;
  readonly feederOf?: FeederOf;
}

export function identityDoor(options: IdentityDoorOptions): IdentityDoor {
  const parts = { clock: systemClock, ...options };
  return {
    match: (patient) => seenMatching(patient, parts),
    knows: async (system) =>
      options.scope.kind === 'everything' && hasNumbers(options.database, authoritiesOf(system)),
    feed: patientFeed(parts),
    steward() {
      demandSteward(options);
      return stewardship(parts);
    },
  };
}

function demandSteward({ context, scope }: IdentityDoorOptions): void {
  const has = context.rights?.includes('identity') ?? false;
  if (!has || scope.kind !== 'everything')
    throw new IsthmusError('FORBIDDEN', { rule: 'who is who is decided by those who have the right to' });
}
