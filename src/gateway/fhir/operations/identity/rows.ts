import type { Interaction } from '../../interaction.ts';
import { histories } from './history.ts';
import { match } from './match.ts';
import { merge } from './merge.ts';
import { pix } from './pix.ts';
import { reviews } from './reviews.ts';

/** Who is who: what the standards ask (R4, R5, IHE PIXm and PDQm), and what of ours goes with it (docs/design/identity.md, "Faces"). */
export const identityOperations: readonly Interaction[] = [match, ...pix, merge, ...histories, ...reviews];
