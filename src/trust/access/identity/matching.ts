import type { Patient } from '@medplum/fhirtypes';
import type { Identity, Match } from '../../../clinical/identity/index.ts';
import { type ReaderOptions, recordReader, type StoredResource } from '../../../clinical/record/index.ts';
import type { Database } from '../../../foundation/database/index.ts';

/** A person whom a patient may be, and the Patient that is published of them. */
export interface SeenMatch extends Match {
  readonly resource: StoredResource;
}

export interface SeenMatching {
  /** Best first. */
  readonly matches: readonly SeenMatch[];
  /** A fact that was asked by is so common that not all who share it were looked at. Never told within a compartment. */
  readonly isCut: boolean;
  /** Nothing in it is a fact that anybody is looked for by. */
  readonly isTooLittle: boolean;
}

interface Parts extends ReaderOptions {
  readonly database: Database;
  readonly identity: Identity;
}

/** Who is found is read through the record of the context: whom it may not see is not there. */
export async function seenMatching(
  patient: Patient,
  { database, identity, ...reading }: Parts,
): Promise<SeenMatching> {
  if (reading.scope.kind === 'nothing') return { matches: [], isCut: false, isTooLittle: false };
  const { matches, isCut, isTooLittle } = await identity.match(patient);
  const names = matches.map(({ person }) => ({ type: 'Patient', id: person }));
  const found = names.length === 0 ? [] : await recordReader(database, reading).readMany(names);
  const byId = new Map(found.map((resource) => [resource.id, resource]));
  return {
    matches: matches.flatMap((match) => {
      const resource = byId.get(match.person);
      return resource ? [{ ...match, resource }] : [];
    }),
    isCut: isCut && reading.scope.kind === 'everything',
    isTooLittle,
  };
}
