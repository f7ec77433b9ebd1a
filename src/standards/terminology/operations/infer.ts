import { membersOf } from '../compose/membership.ts';
import type { Compose } from '../compose/model.ts';
import { composeOf } from '../compose/model.ts';
import type { Context } from './context.ts';
import { ambiguousSystem, cannotInfer } from './messages.ts';

const MAX_DEPTH = 20;

/** The one code system of a value set that has the code there, or why there is none. */
export async function inferredSystem(
  code: string,
  compose: Compose,
  context: Context,
): Promise<string | { readonly id: string; readonly text: string }> {
  const systems = [...(await systemsOf(compose, context))];
  const verdicts = await membersOf(
    compose,
    systems.map((system) => ({ system, code })),
    { context },
  );
  const having = systems.filter((_, at) => verdicts[at] === true);
  const [only] = having;
  if (only !== undefined && having.length === 1) return only;
  return only === undefined
    ? cannotInfer(code, compose.canonical, systems)
    : ambiguousSystem(code, compose.canonical, having);
}

/** The code systems that a value set, or one that it is composed of, includes. */
export async function systemsOf(compose: Compose, context: Context): Promise<ReadonlySet<string>> {
  const systems = new Set<string>();
  const seen = new Set<string>();
  let level: readonly Compose[] = [compose];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const next: Compose[] = [];
    for (const one of level)
      for (const include of one.includes) {
        await context.step(true);
        if (include.system !== undefined) systems.add(include.system);
        for (const canonical of include.valueSets) {
          const contained = one.contained.get(canonical);
          const definition =
            contained ?? (seen.has(canonical) ? undefined : await context.valueSet(canonical));
          seen.add(canonical);
          if (definition) next.push(composeOf(definition));
        }
      }
    level = next;
  }
  return systems;
}
