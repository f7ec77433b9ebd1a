import { TerminologyError } from '../errors.ts';
import type { Definition } from '../types.ts';
import { type Ask, Context } from './context.ts';
import { unknownCode, unknownSystem } from './messages.ts';

/**
 * CodeSystem/$subsumes (R4 codesystem-operation-subsumes.html) of `codeA` and `codeB` in `system`, or of `codingA` and `codingB`. Throws TerminologyError for codes of different
 * systems and, `not-found`, for what is not known: two codes of which one is unknown are not "not subsumed".
 */
export async function subsumes(ask: Ask): Promise<Definition> {
  const context = new Context(ask);
  const { inputs } = context;
  const [codingA, codingB] = [inputs.coding('codingA'), inputs.coding('codingB')];
  const [codeA, codeB] = [codingA?.code ?? inputs.text('codeA'), codingB?.code ?? inputs.text('codeB')];
  const asked = inputs.text('system');
  const systems = [codingA ? codingA.system : asked, codingB ? codingB.system : asked];
  const [system] = systems;
  if (codeA === undefined || codeB === undefined || system === undefined)
    throw new TerminologyError('required', 'Two codes and their system, or two codings, are needed');
  if (systems[1] !== system || (asked !== undefined && asked !== system))
    throw new TerminologyError('invalid', 'Both codes are of one code system');
  const version = inputs.text('version') ?? codingA?.version ?? codingB?.version;
  const { view, known } = await context.codeSystem(system, version);
  if (!view || view.content === 'not-present')
    throw new TerminologyError('not-found', unknownSystem({ url: system, version, known }, 'code'), {
      detail: 'not-found',
    });
  const found = await view.find([codeA, codeB]);
  const [a, b] = [codeA, codeB].map((code) => {
    const concept = found.get(code);
    if (concept) return concept.code;
    throw new TerminologyError('not-found', unknownCode(code, view.url, view.version), {
      detail: 'invalid-code',
    });
  }) as [string, string];
  const outcome = await (async () => {
    if (a === b) return 'equivalent';
    if (await view.isAncestor(a, b)) return 'subsumes';
    return (await view.isAncestor(b, a)) ? 'subsumed-by' : 'not-subsumed';
  })();
  return { resourceType: 'Parameters', parameter: [{ name: 'outcome', valueCode: outcome }] };
}
