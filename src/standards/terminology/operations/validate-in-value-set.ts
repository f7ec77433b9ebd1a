import { type Cause, membersOf } from '../compose/membership.ts';
import { type Compose, composeOf, type Listed } from '../compose/model.ts';
import type { Verdict } from '../compose/verdict.ts';
import { TerminologyError } from '../errors.ts';
import { extensionsOf, nodesOf, textOf } from '../node.ts';
import type { Definition } from '../types.ts';
import { type Answer, answerParameters } from './answer.ts';
import { checkConcept, type PlaceOf } from './check-concept.ts';
import { type Ask, Context } from './context.ts';
import { languagesFor } from './display.ts';
import { valueSetOf } from './expand.ts';
import { inferredSystem } from './infer.ts';
import { type CodingInput, codingOf } from './inputs.ts';
import { type Issue, noCodingInValueSet, noSystem, notInValueSet, shownCode } from './messages.ts';
import { causeIssues, issueMaker, unknownIssues } from './missing-issues.ts';
import { unknown } from './validate-in-system.ts';
import { versionsOf } from './version-issues.ts';

const SUPPLEMENT = 'http://hl7.org/fhir/StructureDefinition/valueset-supplement';

/** What is checked beside whether the code is in the value set. */
interface Mode {
  readonly isMembershipOnly: boolean;
  readonly isWithoutMembership: boolean;
}

interface Question {
  readonly context: Context;
  readonly compose: Compose;
  readonly mode: Mode;
  readonly placeOf: PlaceOf;
}

/**
 * ValueSet/$validate-code (R4 valueset-operation-validate-code.html): of a `code` with `system` or `inferSystem`, a `coding`, or a `codeableConcept`, of which one coding has
 * to be in the value set and none may be wrong. Whatever is wrong with the code is told by `result` and issues; what cannot be known is not taken for right. Throws
 * TerminologyError where the question itself is none or the value set is not there.
 */
export async function validateInValueSet(ask: Ask): Promise<Definition> {
  const definition = await valueSetOf(new Context(ask));
  const supplements = extensionsOf(definition, SUPPLEMENT).flatMap(
    (one) => textOf(one, 'valueCanonical') ?? [],
  );
  const context = new Context(ask, supplements);
  const { inputs } = context;
  const compose = composeOf(definition);
  const valueSetMode = inputs.text('valueSetMode');
  const mode: Mode = {
    isMembershipOnly:
      inputs.flag('valueset-membership-only') === true ||
      valueSetMode === 'CHECK_MEMERSHIP_ONLY' ||
      valueSetMode === 'CHECK_MEMBERSHIP_ONLY',
    isWithoutMembership: valueSetMode === 'NO_MEMBERSHIP_CHECK',
  };
  const codeableConcept = inputs.node('codeableConcept');
  const answer = codeableConcept
    ? await ofConcept(codeableConcept, { context, compose, mode })
    : await ofOne({ context, compose, mode });
  context.checkSupplements();
  return answerParameters(answer);
}

async function ofOne(question: Omit<Question, 'placeOf'>): Promise<Answer> {
  const { inputs } = question.context;
  const coding = inputs.coding('coding');
  if (coding)
    return answerOf(coding, {
      ...question,
      placeOf: (element) => (element === undefined ? 'Coding' : `Coding.${element}`),
    });
  const [code, system, version, display] = [
    inputs.text('code'),
    inputs.text('system'),
    inputs.text('systemVersion'),
    inputs.text('display'),
  ];
  if (code === undefined)
    throw new TerminologyError('required', 'One of code, coding and codeableConcept is needed');
  const asked = { ...(version ? { version } : {}), code, ...(display ? { display } : {}) };
  const placeOf: PlaceOf = (element) => element ?? 'code';
  if (system !== undefined) return answerOf({ system, ...asked }, { ...question, placeOf });
  if (inputs.flag('inferSystem', 'infer-system') !== true)
    throw new TerminologyError('required', 'A code needs a system, or inferSystem');
  const inferred = await inferredSystem(code, question.compose, question.context);
  if (typeof inferred === 'string') return answerOf({ system: inferred, ...asked }, { ...question, placeOf });
  const shown = notInValueSet(shownCode(undefined, undefined, code), question.compose.canonical);
  const issues: Issue[] = [
    { severity: 'error', type: 'code-invalid', detail: 'not-in-vs', ...shown, place: 'code' },
    { severity: 'error', type: 'not-found', detail: 'cannot-infer', ...inferred, place: 'code' },
  ];
  return { result: false, coding: { code }, issues, unknownSystems: [], neededSystems: [] };
}

async function ofConcept(codeableConcept: Definition, question: Omit<Question, 'placeOf'>): Promise<Answer> {
  const answers: Answer[] = [];
  for (const [at, node] of nodesOf(codeableConcept, 'coding').entries()) {
    const coding = codingOf(node);
    if (!coding) continue;
    const path = `CodeableConcept.coding[${at}]`;
    answers.push(
      await answerOf(coding, {
        ...question,
        placeOf: (element) => (element === undefined ? path : `${path}.${element}`),
      }),
    );
  }
  const isIn = ({ issues }: Answer) => !issues.some(({ detail }) => detail === 'not-in-vs');
  // A code that cannot be decided, because something is missing, is not said to be outside.
  const inside = answers.find(isIn);
  const right = answers.find((one) => one.isMember === true);
  const isOutside = inside === undefined;
  const issues = answers.flatMap((one) => one.issues.map(asOneOfSeveral));
  const none: Issue = {
    severity: 'error',
    type: 'code-invalid',
    detail: 'not-in-vs',
    ...noCodingInValueSet(question.compose.canonical),
  };
  const all = isOutside ? [none, ...issues] : issues;
  const { coding, version, display, isInactive, status, normalized } = right ?? {};
  return {
    result: !all.some(({ severity }) => severity === 'error'),
    ...(coding ? { coding } : {}),
    ...(version === undefined ? {} : { version }),
    ...(display === undefined ? {} : { display }),
    ...(isInactive === undefined ? {} : { isInactive }),
    ...(status === undefined ? {} : { status }),
    ...(normalized === undefined ? {} : { normalized }),
    codeableConcept,
    issues: unique(all),
    unknownSystems: [...new Set(answers.flatMap((one) => one.unknownSystems))],
    neededSystems: [...new Set(answers.flatMap((one) => one.neededSystems))],
  };
}

/** Another coding may be in the value set. */
const asOneOfSeveral = (issue: Issue): Issue =>
  issue.detail === 'not-in-vs' ? { ...issue, severity: 'information', detail: 'this-code-not-in-vs' } : issue;

function unique(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Map(issues.map((one) => [JSON.stringify(one), one]));
  return [...seen.values()];
}

async function answerOf(coding: CodingInput, question: Question): Promise<Answer> {
  const { placeOf, compose, context } = question;
  const { system } = coding;
  const error = issueMaker(placeOf);
  const outside = notInValueSet(
    shownCode(system, coding.version, coding.code, coding.display),
    compose.canonical,
  );
  const notIn = error({ severity: 'error', type: 'code-invalid', detail: 'not-in-vs', ...outside }, 'code');
  if (system === undefined) {
    const issue = error({ severity: 'warning', type: 'invalid', detail: 'invalid-data', ...noSystem });
    return { result: false, coding, issues: [notIn, issue], unknownSystems: [], neededSystems: [] };
  }
  const asked = { ...coding, system };
  const versions = await versionsOf(asked, compose, { context, placeOf });
  const { view } = versions.resolved;
  const causes: Cause[] = [];
  const isActiveOnly = context.inputs.flag('activeOnly') === true;
  const verdict = await verdictOf(asked, question, { isActiveOnly, version: versions, causes });
  const issues: Issue[] = [...versions.issues];
  if (verdict === false) issues.push(notIn);
  const neededSystems = [...versions.missing];
  const unknownSystems: string[] = [];
  if (verdict === undefined)
    for (const cause of causes) issues.push(...causeIssues(cause, issues, { error, neededSystems }));
  const isIn = verdict === true;
  if (!view && !issues.some(({ type }) => type === 'not-found')) {
    const missing = await unknownIssues(asked, versions.resolved.known, { context, error });
    // What a value set lists is in it, also where nobody knows the code system.
    issues.push(...(isIn ? missing.map((issue): Issue => ({ ...issue, severity: 'warning' })) : missing));
    if (!missing.some(({ id }) => id === 'Terminology_TX_System_ValueSet2')) unknownSystems.push(system);
  }
  const concept = view && (await view.find([coding.code])).get(coding.code);
  const bare = { result: isIn, coding, unknownSystems, neededSystems };
  if (!view || (!concept && question.mode.isMembershipOnly)) return finished({ ...bare, issues }, versions);
  if (!concept) {
    const { issues: more } = unknown(view, coding.code, { place: placeOf('code') ?? 'code' });
    return finished({ ...bare, issues: [...issues, ...more] }, versions);
  }
  const listed = listedOf(compose, asked.system, concept.code);
  const found = {
    coding: asked,
    concept,
    view,
    listed,
    isActiveOnly: isActiveOnly || compose.isActiveOnly,
    placeOf,
  };
  const checked = checkConcept(
    found,
    context.inputs,
    languagesFor(context.inputs.text('displayLanguage'), compose.definition),
  );
  return finished(
    {
      ...bare,
      ...(concept.code === coding.code ? {} : { normalized: concept.code }),
      ...(checked.display === undefined ? {} : { display: checked.display }),
      ...(checked.status === undefined ? {} : { status: checked.status }),
      isInactive: !concept.isActive,
      issues: question.mode.isMembershipOnly ? issues : [...issues, ...checked.issues],
    },
    versions,
  );
}

const finished = (answer: Answer, { resolved }: Awaited<ReturnType<typeof versionsOf>>): Answer => {
  const version = resolved.view?.version;
  return {
    isMember: answer.result,
    ...answer,
    ...(version === undefined ? {} : { version }),
    result: answer.result && !answer.issues.some(({ severity }) => severity === 'error'),
  };
};

async function verdictOf(
  { system, version, code }: CodingInput & { readonly system: string },
  { compose, context, mode }: Question,
  run: {
    readonly isActiveOnly: boolean;
    readonly version: Awaited<ReturnType<typeof versionsOf>>;
    readonly causes: Cause[];
  },
): Promise<Verdict> {
  if (mode.isWithoutMembership) return true;
  // A version that does not go with the value set is told as such: the code is looked at in the value set's version.
  const isApart = run.version.issues.length > 0;
  const member = { system, ...(version === undefined || isApart ? {} : { version }), code };
  const causes = (cause: Cause) => void run.causes.push(cause);
  const [verdict] = await membersOf(compose, [member], { context, isActiveOnly: run.isActiveOnly, causes });
  return verdict;
}

/** How the value set itself names the code. */
function listedOf({ includes }: Compose, system: string, code: string): Listed | undefined {
  return includes
    .filter((one) => one.system === system)
    .flatMap(({ concepts = [] }) => concepts)
    .find((one) => one.code === code);
}
