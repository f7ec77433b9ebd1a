import type { FhirRequest, Interaction } from '../../interaction.ts';

/** Each patient who was shown, for the audit trail. */
export function noteShown(
  { note }: Pick<FhirRequest, 'note'>,
  interaction: Interaction,
  ids: readonly string[],
): void {
  for (const id of ids) note({ interaction, reference: `Patient/${id}`, status: 200 });
}
