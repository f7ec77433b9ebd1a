import { migrations as identity } from '../../clinical/identity/index.ts';
import { migrations as packages } from '../../clinical/packages/index.ts';
import { migrations as record } from '../../clinical/record/index.ts';
import { migrations as terminology } from '../../clinical/terminology/index.ts';
import { migrations as channels } from '../../exchange/channels/index.ts';
import { migrations as queue } from '../../exchange/queue/index.ts';
import { migrations as audit } from '../../foundation/audit/index.ts';
import type { Migration } from '../../foundation/database/index.ts';
import { migrations as secrets } from '../../foundation/secrets/index.ts';
import { migrations as exports } from '../../gateway/bulk-data/index.ts';
import { migrations as imports } from '../../gateway/import/index.ts';

/** The whole schema, of every module. */
export const allMigrations: readonly Migration[] = [
  ...audit,
  ...secrets,
  ...queue,
  ...record,
  ...packages,
  ...terminology,
  ...identity,
  ...imports,
  ...channels,
  ...exports,
];
