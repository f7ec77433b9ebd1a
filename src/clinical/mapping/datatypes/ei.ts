import type { Identifier } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import type { Datatype } from '../convert.ts';
import { hdFrom } from './hd.ts';
import { identifierOf } from './identifier.ts';

/** EI → Identifier (v2-to-FHIR guide, EI[Identifier-Organization]): EI-1 id, EI-2 to EI-4 who gave it. `type` (0203) where the field says which. */
export const ei =
  (type?: string): Datatype<Identifier> =>
  (value, context) =>
    identifierOf(
      { value: value.component(1).trim(), authority: hdFrom(value, 2), ...(type ? { type } : {}) },
      context,
    );

/** EIP: the number of the placer (EIP-1), of the filler (EIP-2), or both; each part is an EI of subcomponents. */
export const eip =
  (types: { placer?: string; filler?: string }): Datatype<Identifier[]> =>
  (value, context) => {
    const { placer, filler } = types;
    const found = [
      placer === undefined ? undefined : eiAt(value, context, { component: 1, type: placer }),
      filler === undefined ? undefined : eiAt(value, context, { component: 2, type: filler }),
    ].filter((identifier) => identifier !== undefined);
    return found.length > 0 ? found : undefined;
  };

/** EI as a component, its parts as subcomponents. */
export const eiAt = (
  value: Repetition,
  context: MapContext,
  { component, type }: { component: number; type?: string },
): Identifier | undefined =>
  identifierOf(
    {
      value: value.component(component, 1).trim(),
      authority: {
        namespace: value.component(component, 2),
        universalId: value.component(component, 3),
        type: value.component(component, 4),
      },
      ...(type ? { type } : {}),
    },
    context,
  );
