import type { JsonObject } from '../json.ts';
import { Report } from '../report.ts';
import {
  type CompiledElement,
  type CompiledProfile,
  type CompiledSlicing,
  MAX_NESTING,
  type ProfileRun,
} from './model.ts';
import { type Occurrence, occurrencesIn, ownerOf } from './occurrences.ts';

/** A value against a whole profile; the report stands at the value. */
export function checkProfile(run: ProfileRun, profile: CompiledProfile, value: JsonObject): void {
  if (run.nesting >= MAX_NESTING) return;
  const inner = { ...run, nesting: run.nesting + 1 };
  checkContent(inner, profile.root, {
    value,
    sibling: undefined,
    type: profile.type,
    place: '',
    index: undefined,
  });
}

/** Whether the value meets the profile, told to nobody. */
export function meetsProfile(run: ProfileRun, profile: CompiledProfile, value: JsonObject): boolean {
  const report = new Report();
  checkProfile({ ...run, report }, profile, value);
  return report.issues.every(({ severity }) => severity !== 'error');
}

function checkContent(run: ProfileRun, element: CompiledElement, occurrence: Occurrence): void {
  for (const check of element.checks) check(run, occurrence);
  if (element.children.length === 0) return;
  const owner = ownerOf(occurrence);
  for (const child of element.children) {
    if (run.report.full) return;
    checkOccurrences(run, child, occurrencesIn(owner, child.names));
  }
}

function checkOccurrences(
  run: ProfileRun,
  element: CompiledElement,
  occurrences: readonly Occurrence[],
): void {
  const { report } = run;
  if (occurrences.length < element.min) report.error('required', element.tooFew, element.name);
  if (occurrences.length > element.max) report.error('structure', element.tooMany, element.name);
  if (element.checks.length > 0 || element.children.length > 0)
    for (const occurrence of occurrences) {
      enter(report, occurrence);
      checkContent(run, element, occurrence);
      leave(report, occurrence);
    }
  if (element.slicing) checkSlices(run, element.slicing, occurrences);
}

function checkSlices(run: ProfileRun, slicing: CompiledSlicing, occurrences: readonly Occurrence[]): void {
  const found = slicing.slices.map((): Occurrence[] => []);
  let last = 0;
  for (const occurrence of occurrences) {
    const index = slicing.slices.findIndex(({ matches }) => matches(run, occurrence));
    const misplaced = slicing.ordered && index !== -1 && index < last;
    const late = slicing.rules === 'openAtEnd' && index !== -1 && last === slicing.slices.length;
    if (index !== -1) {
      found[index]?.push(occurrence);
      if (!late) last = Math.max(last, index);
    } else if (slicing.rules === 'openAtEnd') last = slicing.slices.length;
    const unknown = index === -1 && slicing.rules === 'closed';
    if (!misplaced && !late && !unknown) continue;
    enter(run.report, occurrence);
    run.report.error(
      'structure',
      `${slicing.url}: ${unknown ? 'must be one of the slices' : 'the slices must be in order'}`,
    );
    leave(run.report, occurrence);
  }
  for (const [index, { element }] of slicing.slices.entries())
    checkOccurrences(run, element, found[index] ?? []);
}

function enter({ path }: Report, { place, index }: Occurrence): void {
  path.push(place);
  if (index !== undefined) path.push(index);
}

function leave({ path }: Report, { index }: Occurrence): void {
  path.pop();
  if (index !== undefined) path.pop();
}
