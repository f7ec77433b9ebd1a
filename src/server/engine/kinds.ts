import type { Kinds } from '../../exchange/channels/index.ts';
import { connectorKinds } from '../../exchange/connectors/index.ts';
import { identifyStep } from './steps/identify.ts';

/** Everything a configuration may name: the connectors, and the steps of the product by their names. */
export const productKinds: Kinds = {
  ...connectorKinds,
  steps: [identifyStep],
};
