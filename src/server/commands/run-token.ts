import { rename, rm } from 'node:fs/promises';
import { randomId, secretAt } from '../../foundation/crypto/index.ts';
import { operatorClient } from '../engine/clients.ts';
import { printJson, printLine } from './output.ts';
import { currentSettings } from './settings.ts';
import { withStore } from './with-store.ts';

export async function showToken(json: boolean): Promise<void> {
  const { path } = operatorClient(currentSettings().home);
  const token = await secretAt(path);
  if (json) printJson({ token, path });
  else printLine(token);
}

/** Audited first: a token that was changed without a trace would be worse than one that was not changed. */
export async function rotateToken(reason: string, json: boolean): Promise<void> {
  const path = await withStore(async ({ settings, audit, actor }) => {
    const client = operatorClient(settings.home);
    const target = `client ${client.name}`;
    await audit.record({ action: 'token.rotate', actor, target, outcome: 'success', reason });
    await replaceSecret(client.path);
    return client.path;
  });
  if (json) printJson({ rotated: true, path });
  else printLine(`a new token is in ${path}`);
}

/** Made aside and renamed over the old one, so that there is a token at every moment. */
async function replaceSecret(path: string): Promise<void> {
  const aside = `${path}.${randomId()}.next`;
  try {
    await secretAt(aside);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}
