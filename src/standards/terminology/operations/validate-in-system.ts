import { TerminologyError } from '../errors.ts';
import { canonicalOf, nodesOf } from '../node.ts';
import type { CodeSystemView, Definition } from '../types.ts';
import { codeSystemView } from '../views/code-system.ts';
import { type Answer, answerParameters } from './answer.ts';
import { checkConcept } from './check-concept.ts';
import { type Ask, Context } from './context.ts';
import { languagesOf } from './display.ts';
import { type CodingInput, codingOf } from './inputs.ts';
import { type Issue, noSystem, unknownCode, unknownInFragment, unknownSystem } from './messages.ts';

/**
 * CodeSystem/$validate-code (R4 codesystem-operation-validate-code.html). Whatever is wrong with the code is told by `result` and issues, an unknown code system too. Throws
 * TerminologyError where the question itself is none.
 */
export async function validateInCodeSystem(ask: Ask): Promise<Definition> {
  const context = new Context(ask);
  const { inputs } = context;
  const url = inputs.text('url', 'system');
  const version = inputs.text('version', 'systemVersion');
  const sent = inputs.resource('codeSystem');
  const code = inputs.text('code');
  const display = inputs.text('display');
  const codeableConcept = inputs.node('codeableConcept');
  const coding = inputs.coding('coding');
  const own = (one: CodingInput): CodingInput => ({
    ...(url === undefined ? {} : { system: url }),
    ...(version === undefined ? {} : { version }),
    ...one,
  });
  const asked: readonly (readonly [CodingInput, string])[] = codeableConcept
    ? nodesOf(codeableConcept, 'coding').flatMap((one, at) => {
        const found = codingOf(one);
        return found ? [[found, `CodeableConcept.coding[${at}].`] as const] : [];
      })
    : coding
      ? [[own(coding), 'Coding.']]
      : code === undefined
        ? []
        : [[own({ code, ...(display ? { display } : {}) }), '']];
  if (asked.length === 0)
    throw new TerminologyError('required', 'One of code, coding and codeableConcept is needed');
  const answers: Answer[] = [];
  for (const [one, prefix] of asked) answers.push(await answerOf(one, prefix, { context, sent, url }));
  context.checkSupplements();
  return answerParameters(codeableConcept ? together(answers, codeableConcept) : (answers[0] as Answer));
}

/** One that is right will do, unless another is wrong. */
function together(answers: readonly Answer[], codeableConcept: Definition): Answer {
  const right = answers.find(({ result }) => result);
  const issues = answers.flatMap((one) => one.issues);
  return {
    ...(right ?? {}),
    result: right !== undefined && !issues.some(({ severity }) => severity === 'error'),
    codeableConcept,
    issues,
    unknownSystems: answers.flatMap((one) => one.unknownSystems),
    neededSystems: [],
  };
}

interface Asked {
  readonly context: Context;
  readonly sent: Definition | undefined;
  /** The code system that it should be one of. */
  readonly url: string | undefined;
}

async function answerOf(coding: CodingInput, prefix: string, { context, sent, url }: Asked): Promise<Answer> {
  const { system, version, code } = coding;
  const place = (element: string) => ({ place: `${prefix}${element}` });
  const none = { coding, unknownSystems: [], neededSystems: [] };
  if (system === undefined && !sent) {
    const issue: Issue = {
      severity: 'error',
      type: 'invalid',
      detail: 'invalid-data',
      ...noSystem,
      ...(prefix ? { place: prefix.slice(0, -1) } : {}),
    };
    return { ...none, result: false, issues: [issue] };
  }
  const { view, known } = await viewOf(context, sent, { system: system ?? '', version });
  if (!view || view.content === 'not-present') {
    const text = unknownSystem({ url: system ?? '', version, known }, 'code');
    const issue: Issue = {
      severity: 'error',
      type: 'not-found',
      detail: 'not-found',
      ...text,
      ...place('system'),
    };
    return { ...none, result: false, issues: [issue], unknownSystems: [canonicalOf(system ?? '', version)] };
  }
  const found = view.version === undefined ? {} : { version: view.version };
  const inSystem: CodingInput = { ...coding, system: view.url };
  if (url !== undefined && system !== url) {
    const text = { id: 'CODESYSTEM_DIFFERS', text: `The code is of '${system}', not of '${url}'` };
    return {
      ...none,
      ...found,
      result: false,
      issues: [
        { severity: 'error', type: 'code-invalid', detail: 'invalid-code', ...text, ...place('system') },
      ],
    };
  }
  const concept = (await view.find([code])).get(code);
  if (!concept) return { ...none, ...found, coding: inSystem, ...unknown(view, code, place('code')) };
  const placeOf = (element?: string) =>
    element === undefined ? prefix.slice(0, -1) || 'code' : `${prefix}${element}`;
  const checked = checkConcept(
    { coding: inSystem, concept, view, listed: undefined, isActiveOnly: false, placeOf },
    context.inputs,
    languagesOf(context.inputs.text('displayLanguage')),
  );
  return {
    ...none,
    ...found,
    coding: inSystem,
    ...(concept.code === code ? {} : { normalized: concept.code }),
    result: !checked.issues.some(({ severity }) => severity === 'error'),
    ...(checked.display === undefined ? {} : { display: checked.display }),
    ...(checked.status === undefined ? {} : { status: checked.status }),
    isInactive: !concept.isActive,
    issues: checked.issues,
  };
}

async function viewOf(
  context: Context,
  sent: Definition | undefined,
  { system, version }: { readonly system: string; readonly version: string | undefined },
): Promise<{ readonly view: CodeSystemView | undefined; readonly known: readonly string[] }> {
  if (sent && (sent.url === undefined || system === '' || sent.url === system))
    return { view: codeSystemView(sent), known: [] };
  return context.codeSystem(system, version);
}

/** What a part of a code system lacks may be in another part. */
export function unknown(
  view: CodeSystemView,
  code: string,
  place: { readonly place: string },
): Pick<Answer, 'result' | 'issues'> {
  const base = { type: 'code-invalid', detail: 'invalid-code', ...place };
  if (view.content === 'complete')
    return {
      result: false,
      issues: [{ severity: 'error', ...base, ...unknownCode(code, view.url, view.version) }],
    };
  return {
    result: true,
    issues: [{ severity: 'warning', ...base, ...unknownInFragment(code, view.url, view.version) }],
  };
}
