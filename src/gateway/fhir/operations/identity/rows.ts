import type { Interaction } from '../../interaction.ts';
import { match } from './match.ts';
import { pix } from './pix.ts';

/** Who is who: what the standards ask (R4, IHE PIXm and PDQm), and what of ours goes with it (docs/design/identity-faces.md). */
export const identityOperations: readonly Interaction[] = [match, ...pix];
