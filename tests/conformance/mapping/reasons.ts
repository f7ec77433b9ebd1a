import type { Fact } from './facts.ts';
import type { Reason, Rule } from './reason-rule.ts';
import { commonRules } from './reason-rules.ts';
import { googleRules } from './reason-rules-google.ts';
import { microsoftRules } from './reason-rules-microsoft.ts';
import { vendorRules } from './reason-rules-vendors.ts';

export type { Reason } from './reason-rule.ts';

const ASIDE: Reason = {
  kind: 'not-in-chart',
  why: 'only the envelope (MSH, SFT, Provenance) or an extension of the site refers to the resource',
};
const NOT_SENT: Reason = {
  kind: 'not-in-message',
  why: 'the message was made of the bundle and does not carry the value',
};

/** What is known of a message for judging a fact. */
export interface Sent {
  readonly collection: string;
  /** The message was made of the bundle, not the bundle of the message. */
  readonly isReverse: boolean;
  /** The message as text, in lower case. */
  readonly text: string;
  /** What we say and they do not. */
  readonly ours: readonly Fact[];
}

const CLOCKS: Reason = {
  kind: 'guide',
  why: 'HL7 2.5.1, 2.A.22: an offset in MSH-7 counts for every time of the message; they read such times as UTC',
};

/** A moment that they read in UTC, and we in the clocks of MSH-7. */
function isInOtherClocks({ path, value }: Fact, { text, ours }: Sent): boolean {
  const header = text.split(/[\r\n]/, 1)[0]?.split('|')[6] ?? '';
  const offset = /([+-])(\d\d)(\d\d)$/.exec(header);
  if (!offset || !/^\d{4}-\d\d-\d\dT/.test(value)) return false;
  const minutes = (offset[1] === '-' ? 1 : -1) * (Number(offset[2]) * 60 + Number(offset[3]));
  const at = new Date(Date.parse(value) + minutes * 60_000).toISOString();
  return ours.some((fact) => fact.path === path && fact.value === at);
}

const NAMELESS: Reason = {
  kind: 'guide',
  why: 'FHIR R4, org-1: an organization has a name or a number; theirs has neither',
};
const LOCAL_CLOCKS: Reason = {
  kind: 'not-in-message',
  why: 'the message was made of the bundle and writes times in the clocks of a place, without an offset',
};

/** Made of the bundle, a message may tell a moment by local clocks. */
function isByLocalClocks({ path, value }: Fact, { ours, isReverse }: Sent): boolean {
  if (!isReverse || !/^\d{4}-\d\d-\d\dT/.test(value)) return false;
  const hours = (at: string) => Math.abs(Date.parse(at) - Date.parse(value)) / 3_600_000;
  return ours.some(
    (fact) => fact.path === path && hours(fact.value) <= 14 && Number.isInteger(hours(fact.value)),
  );
}

export function reasonOf(fact: Fact, sent: Sent): Reason | undefined {
  if (fact.aside) return ASIDE;
  if (sent.isReverse && !isSent(fact, sent.text)) return NOT_SENT;
  if (isInOtherClocks(fact, sent)) return CLOCKS;
  if (isByLocalClocks(fact, sent)) return LOCAL_CLOCKS;
  if (fact.isNameless && fact.path.startsWith('Organization')) return NAMELESS;
  return rules.find((rule) => applies(rule, fact, sent));
}

const rules: readonly Rule[] = [...commonRules, ...googleRules, ...vendorRules, ...microsoftRules];

function applies(rule: Rule, fact: Fact, sent: Sent): boolean {
  const { path, value, about = '' } = fact;
  const { collection, elsewhere, saidBy, isReverse = false } = rule;
  if (!rule.path.test(path) || (rule.value && !rule.value.test(value))) return false;
  if ((isReverse && !sent.isReverse) || (collection && !collection.test(sent.collection))) return false;
  if ((rule.about && !rule.about.test(about)) || (rule.message && !rule.message.test(typeIn(sent.text))))
    return false;
  if (saidBy && !isSaidBy(saidBy, value, sent.text)) return false;
  return !elsewhere || sent.ours.some((ours) => elsewhere.test(ours.path) && ours.value === value);
}

/** `ADT^A28`, of a text in small letters. */
const typeIn = (text: string): string =>
  (/^msh(?:\|[^|\r\n]*){7}\|([^|\r\n]*)/.exec(text)?.[1] ?? '')
    .split('^')
    .slice(0, 2)
    .join('^')
    .toUpperCase();

interface Line {
  readonly name: string;
  readonly said: ReadonlySet<string>;
}

/** Of the message that was looked at last: all its facts are judged in turn. */
let read: { readonly text: string; readonly lines: readonly Line[] } = { text: '', lines: [] };

function linesOf(text: string): readonly Line[] {
  if (read.text !== text) {
    const lines = text.split(/[\r\n]+/).map((line) => ({
      name: line.slice(0, 3).toUpperCase(),
      said: new Set(
        line
          .split(/[|^&~]/)
          .slice(1)
          .flatMap(wordsOf),
      ),
    }));
    read = { text, lines };
  }
  return read.lines;
}

/** All words of the value stand in fields of such a segment, and of no other. */
function isSaidBy(segments: RegExp, value: string, text: string): boolean {
  const words = wordsOf(value);
  if (words.length === 0) return false;
  const lines = linesOf(text).filter(({ said }) => words.every((word) => said.has(word)));
  return lines.length > 0 && lines.every(({ name }) => segments.test(name));
}

/** In small letters; a moment and a number as HL7 v2 writes them. */
function wordsOf(value: string): string[] {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d\d)(?:-(\d\d))?/.exec(value) ?? [];
  const text = year === '' ? value : `${year}${month}${day}`;
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => (/^\d{8,}/.test(word) ? word.slice(0, 8) : word.replace(/^0+(?=\d)/, '')));
}

/** Only reasons that lie with them or with the comparison take a fact out of the agreement. */
export const isTheirs = ({ kind }: Reason): boolean => kind !== 'deliberate' && kind !== 'ours-wrong';

/** What the sender wrote as it is; systems, statuses and counts follow from it and can't be judged by the text. */
const WRITTEN =
  /\.(value|family|given|suffix|prefix|line|city|state|postalCode|district|name|birthDate|text|version|manufacturer)$|(code|value|reasonCode|bodySite|identifier\.type|Specimen\.type)\.coding\.code$/;

/** An answer to a question at order entry, written into a note, is no observation of the message any more. */
const withoutNotes = (text: string): string => text.replaceAll(/(?:^|\r|\n)nte\|[^\r\n]*/g, '');

function isSent({ path, value, about }: Fact, text: string): boolean {
  if (about !== undefined && !withoutNotes(text).includes(about.toLowerCase())) return false;
  if (!WRITTEN.test(path)) return true;
  const wanted = value.toLowerCase();
  if (/^\d{4}-\d\d/.test(wanted)) {
    // A moment may stand in other clocks: its day or the day beside it.
    const day = Date.parse(wanted);
    if (Number.isNaN(day)) return true;
    const days = [-1, 0, 1].map((off) => new Date(day + off * 86_400_000).toISOString().slice(0, 10));
    return days.some((date) => text.includes(date.replaceAll('-', '')));
  }
  return text.includes(wanted) || text.includes(wanted.replaceAll(/[^\da-z]/g, ''));
}
