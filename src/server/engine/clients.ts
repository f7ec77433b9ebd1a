import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../foundation/clock/index.ts';
import { secretAt } from '../../foundation/crypto/index.ts';
import { bearerCheck, type ClientCheck } from '../../foundation/http/index.ts';

/** Who may use the API, and the file with their token. */
export interface ClientFile {
  readonly name: string;
  readonly path: string;
}

export const operatorName = 'operator';

/** The operator's own client, whose token is made at the first start. */
export const operatorClient = (home: string): ClientFile => ({
  name: operatorName,
  path: join(home, 'token'),
});

/** Makes the tokens that are missing. */
export async function ensureTokens(clients: readonly ClientFile[]): Promise<void> {
  await Promise.all(clients.map(({ path }) => secretAt(path)));
}

/** How long a token that was rotated may still be taken. */
const lookEveryMs = 1_000;

/**
 * The check of bearer tokens against the files as they are now: a rotated token counts, and the old one no longer does, within a second. A
 * file that is gone or can't be read lets nobody in.
 */
export function clientCheck(clients: readonly ClientFile[], clock: Clock): ClientCheck {
  let stamp = '';
  let check: ClientCheck = () => undefined;
  let nextLookMs = Number.NEGATIVE_INFINITY;
  return (authorization) => {
    if (clock.monotonicMs() >= nextLookMs) {
      nextLookMs = clock.monotonicMs() + lookEveryMs;
      const now = clients.map(({ path }) => stampOf(path)).join('|');
      if (now !== stamp) {
        stamp = now;
        check = bearerCheck(clients.map(({ name, path }) => ({ name, token: tokenIn(path) })));
      }
    }
    return check(authorization);
  };
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino}.${found.mtimeMs}.${found.size}` : '';
}

function tokenIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // An empty token is taken by nobody.
    return '';
  }
}
