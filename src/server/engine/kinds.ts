import type { Kinds, StepKind } from '../../exchange/channels/index.ts';
import { connectorKinds } from '../../exchange/connectors/index.ts';
import { identityOptions } from './identity-options.ts';
import { recordOptions } from './record-options.ts';
import { closeVisitStep, type ReadPatient } from './steps/close-visit.ts';
import { identifyStep } from './steps/identify.ts';
import { translateStep } from './steps/translate.ts';

/** Everything a configuration may name: the connectors, and the steps of the product by their names. */
export const productKinds = (readPatient: ReadPatient = noRecord): Kinds => ({
  ...connectorKinds,
  record: recordOptions,
  identity: identityOptions,
  steps: [identifyStep, translateStep, closeVisitStep(readPatient)] as readonly StepKind[],
});

/** For checks and tests of a configuration, which have no record. */
const noRecord: ReadPatient = () => Promise.resolve(undefined);
