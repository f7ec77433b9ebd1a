import { modelOf, START_M, START_U } from './initial.ts';
import type { Model } from './types.ts';

export const defaultModel: Model = modelOf({ m: START_M, u: START_U, version: 'isthmus-0' });
