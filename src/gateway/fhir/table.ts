import { metadata } from './capability/metadata.ts';
import type { Interaction } from './interaction.ts';
import { docrefs } from './operations/docref.ts';
import { everythings } from './operations/everything.ts';
import { substanceOperations } from './operations/substances.ts';
import { terminologyOperations } from './operations/terminology/rows.ts';
import { validations } from './operations/validate.ts';
import { histories } from './read/history.ts';
import { read, vread } from './read/read.ts';
import { searches } from './read/search.ts';
import { postBundle } from './transaction/route.ts';
import { create } from './write/create.ts';
import { conditionalDelete, remove } from './write/delete.ts';
import { conditionalPatch, patch } from './write/patch.ts';
import { conditionalUpdate, update } from './write/update.ts';

/** What is served: routes, limits, audit and CapabilityStatement follow from this table and from the rows that other modules add. */
export const interactions: readonly Interaction[] = [
  metadata,
  ...[read, vread, ...histories, ...searches],
  ...[create, update, conditionalUpdate, patch, conditionalPatch, remove, conditionalDelete],
  ...[...everythings, ...docrefs, ...validations, ...substanceOperations, ...terminologyOperations],
  postBundle,
];
