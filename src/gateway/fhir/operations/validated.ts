import type { Issue, UncheckedBinding, ValidateOptions } from '../../../standards/fhir-validation/index.ts';
import { isCoded, TerminologyError, type TerminologySource } from '../../../standards/terminology/index.ts';
import type { Json } from '../../../trust/access/index.ts';
import type { Services } from '../interaction.ts';

/** Bindings that terminology is asked about, and how long. */
const MAX_BINDINGS = 100;
const TIME_LIMIT_MS = 10_000;

type Node = Readonly<Record<string, unknown>>;

/**
 * What is wrong with a resource; required bindings that the validator cannot check by itself, as their value sets are not at hand, are asked of terminology. What
 * that cannot tell either stays an information.
 */
export async function validated(
  resource: Json,
  options: Omit<ValidateOptions, 'unchecked'>,
  { validator, terminology, clock }: Pick<Services, 'validator' | 'terminology' | 'clock'>,
): Promise<Issue[]> {
  const open: UncheckedBinding[] = [];
  const unchecked = (binding: UncheckedBinding) => void (open.length < MAX_BINDINGS && open.push(binding));
  const issues = validator.validate(resource, { ...options, unchecked });
  if (open.length === 0) return issues;
  const limit = new AbortController();
  const timer = clock.after(TIME_LIMIT_MS, () => limit.abort());
  try {
    const source = await terminology();
    const settled = new Map<Issue, readonly Issue[]>();
    for (const binding of open) {
      const holds = await isBound(binding, source, limit.signal);
      if (holds !== undefined) settled.set(binding.issue, holds ? [] : [binding.broken]);
    }
    return issues.flatMap((issue) => settled.get(issue) ?? [issue]);
  } finally {
    timer.cancel();
  }
}

async function isBound(
  { valueSet, value, type }: UncheckedBinding,
  source: TerminologySource,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const codings = codingsOf(value, type);
  // Without a code there is nothing that terminology could say.
  if (codings.length === 0) return undefined;
  try {
    return await isCoded(valueSet, codings, { source, signal });
  } catch (error) {
    if (error instanceof TerminologyError) return undefined;
    throw error;
  }
}

function codingsOf(
  value: unknown,
  type: string,
): readonly { readonly system?: string; readonly code: string }[] {
  if (typeof value === 'string') return [{ code: value }];
  const nodes =
    type === 'CodeableConcept' ? ((value as Node).coding as readonly unknown[] | undefined) : [value];
  return (Array.isArray(nodes) ? nodes : []).flatMap((node) => {
    const { system, code } = (node ?? {}) as Node;
    // A coding that does not say its system has no meaning (R4 terminologies.html#4.1).
    return typeof code === 'string' && typeof system === 'string' ? [{ system, code }] : [];
  });
}
