import type { CodeSystemView, Concept, Designation } from '../types.ts';
import { rolesOf } from '../views/concepts.ts';
import { displayIn, isIn, type Text, textsOf } from './display.ts';
import type { CodingInput, Inputs } from './inputs.ts';
import {
  differentCase,
  displayOfOtherLanguage,
  type Issue,
  inactiveConcept,
  isAbstract,
  isInactive,
  noDisplayInLanguage,
  shownCode,
  wrongDisplay,
} from './messages.ts';

/** Where a coding stands: the place of an element of it, and of itself. */
export type PlaceOf = (element?: 'code' | 'system' | 'version' | 'display') => string | undefined;

/** A concept that was found, and how it was asked for. */
export interface Found {
  readonly coding: CodingInput;
  readonly concept: Concept;
  readonly view: CodeSystemView;
  /** Texts that the value set gives it. */
  readonly listed: { readonly display?: string; readonly designations: readonly Designation[] } | undefined;
  readonly isActiveOnly: boolean;
  readonly placeOf: PlaceOf;
}

interface Checked {
  readonly issues: readonly Issue[];
  readonly display: string | undefined;
  readonly status: string | undefined;
}

/** What is to be said of a code that exists: its case, whether it is in use or only groups others, and its display. */
export function checkConcept(found: Found, inputs: Inputs, languages: readonly string[]): Checked {
  const { coding, concept, view, isActiveOnly, placeOf } = found;
  const issues: Issue[] = [];
  const add = (issue: Omit<Issue, 'place'>, place: string | undefined) =>
    issues.push({ ...issue, ...(place === undefined ? {} : { place }) });
  if (concept.code !== coding.code) {
    const system = view.version === undefined ? view.url : `${view.url}|${view.version}`;
    const text = differentCase(coding.code, concept.code, system);
    add({ severity: 'information', type: 'business-rule', detail: 'code-rule', ...text }, placeOf('code'));
  }
  const status = statusOf(concept, view);
  if (!concept.isActive) {
    if (isActiveOnly)
      add(
        { severity: 'error', type: 'business-rule', detail: 'code-rule', ...isInactive(coding.code) },
        placeOf('code'),
      );
    const said = status === undefined || status === 'inactive' ? 'inactive' : `${status} and inactive`;
    const text = inactiveConcept(coding.code, said);
    add({ severity: 'warning', type: 'business-rule', detail: 'code-comment', ...text }, placeOf());
  } else if (status === 'deprecated') {
    const text = inactiveConcept(coding.code, 'deprecated');
    add({ severity: 'warning', type: 'business-rule', detail: 'code-comment', ...text }, placeOf());
  }
  if (concept.isAbstract && inputs.flag('abstract') === false) {
    const text = isAbstract(shownCode(coding.system, undefined, coding.code));
    add({ severity: 'error', type: 'business-rule', detail: 'code-rule', ...text }, placeOf('code'));
  }
  issues.push(...displayIssues(found, languages, inputs));
  const { listed } = found;
  const named = listed?.display === undefined ? concept : { ...concept, display: listed.display };
  return {
    issues,
    display: displayIn(languages, {
      concept: named,
      own: view.language,
      designations: listed?.designations ?? [],
    }),
    status,
  };
}

function statusOf({ properties }: Concept, view: CodeSystemView): string | undefined {
  const roles = rolesOf(view.properties);
  return properties.find(({ code }) => roles.get(code) === 'status')?.value;
}

/**
 * A display is one of the texts of the concept, whatever the case: where languages are asked for, one of theirs; where the concept has no text in any of them, one of the
 * code system's own language will do, and that is told.
 */
function displayIssues(
  { coding, concept, view, listed, placeOf }: Found,
  languages: readonly string[],
  inputs: Inputs,
): readonly Issue[] {
  const { display } = coding;
  if (display === undefined) return [];
  const own = textsOf(concept, view, listed?.designations);
  const all: readonly Text[] = listed?.display === undefined ? own : [{ value: listed.display }, ...own];
  const isOf = ({ language }: Text) => languages.some((one) => isIn(one, language));
  const meant = languages.length === 0 ? all : all.filter(isOf);
  const isOneOf = (texts: readonly Text[]) =>
    texts.some(({ value }) => value.toLowerCase() === display.toLowerCase());
  if (isOneOf(meant)) return [];
  const shown = { display, code: shownCode(coding.system, undefined, coding.code) };
  const language = languages.length === 0 ? '--' : languages.join(',');
  const place = placeOf('display');
  const at = place === undefined ? {} : { place };
  const base = { type: 'invalid', detail: 'invalid-display', ...at };
  const standard = all.filter((text) => text.language === undefined || text.language === view.language);
  if (meant.length === 0 && isOneOf(standard))
    return [{ severity: 'information', isAside: false, ...base, ...displayOfOtherLanguage(shown, language) }];
  const severity = inputs.flag('lenient-display-validation') === true ? 'warning' : 'error';
  const text =
    meant.length === 0
      ? noDisplayInLanguage(shown, language, concept.display ?? concept.code)
      : wrongDisplay({ ...shown, isWhitespaceOnly: isSameButBlanks(display, meant) }, meant, language);
  return [{ severity, ...base, ...text }];
}

const isSameButBlanks = (display: string, texts: readonly Text[]): boolean =>
  texts.some(({ value }) => squeezed(value) === squeezed(display));

const squeezed = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();
