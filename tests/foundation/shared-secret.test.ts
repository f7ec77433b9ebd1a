import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealedTokens } from '../../src/foundation/crypto/index.ts';
import { migrations, sharedSecret } from '../../src/foundation/secrets/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

test('nodes that make a secret at once agree on one', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => sharedSecret(db.database, 'cursors')));
  expect(new Set(made).size).toBe(1);
  expect(made[0]?.length).toBeGreaterThanOrEqual(43);
  expect(await sharedSecret(db.database, 'other')).not.toBe(made[0]);
});

test('sealed tokens open for their secret, use and context only, unaltered', () => {
  const tokens = sealedTokens('a secret', 'pages');
  const token = tokens.seal('Müller, 1980', 'ada');
  expect(tokens.open(token, 'ada')).toBe('Müller, 1980');
  expect(tokens.seal('Müller, 1980', 'ada')).not.toBe(token);
  expect(tokens.open(token, 'ben')).toBeUndefined();
  expect(sealedTokens('another', 'pages').open(token, 'ada')).toBeUndefined();
  expect(sealedTokens('a secret', 'states').open(token, 'ada')).toBeUndefined();
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A';
    const altered = token.slice(0, at) + other + token.slice(at + 1);
    const opened = tokens.open(altered, 'ada');
    // The last character of base64url may carry bits that count for nothing.
    if (at < token.length - 1) expect(opened, String(at)).toBeUndefined();
  }
  for (const wrong of ['', 'x', '%', '=='.repeat(40), 'A'.repeat(500)])
    expect(tokens.open(wrong, 'ada')).toBeUndefined();
});
