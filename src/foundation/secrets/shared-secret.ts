import { randomToken } from '../crypto/index.ts';
import { type Database, sql } from '../database/index.ts';
import { IsthmusError } from '../errors/index.ts';

const keep = sql(
  'secrets.keep',
  'INSERT INTO installation_secret (name, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING',
);
const find = sql('secrets.find', 'SELECT secret FROM installation_secret WHERE name = $1');

/** The secret of this name, 256 bits in base64url; made when there is none. Nodes that make it at once agree on one. */
export async function sharedSecret(database: Database, name: string): Promise<string> {
  const [known] = await database.query<{ secret: string }>(find, [name]);
  if (known) return known.secret;
  await database.query(keep, [name, randomToken()]);
  const [made] = await database.query<{ secret: string }>(find, [name]);
  if (!made) throw new IsthmusError('INTERNAL', { rule: 'a secret that was kept is found' });
  return made.secret;
}
