import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../fhir/support/api.ts';
import { corporaFolder } from './corpora.ts';
import { askedForms, groupsOf, metadataPath, type ProfileGroup, utcDay, valuesAt } from './us-core-kit.ts';

/**
 * The API against what Inferno's US Core 6.1.0 kit requires (reference/standards.md 3.22), on the resources that pass the ONC (g)(10) tests
 * elsewhere: every required search of every profile, by GET and POST, with comparators, lists and Provenance.
 */
interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly meta?: { readonly profile?: readonly string[] };
}
interface Bundle {
  readonly type: string;
  readonly link?: readonly { readonly url: string }[];
  readonly entry?: readonly { readonly resource: Resource; readonly search?: { readonly mode: string } }[];
}

const groups = groupsOf(readFileSync(metadataPath(corporaFolder()), 'utf8'));
const data = withoutMistakes(
  JSON.parse(
    readFileSync(join(corporaFolder(), 'fhir-us-core/azure-bundles/USCore6-resource-bundle.json'), 'utf8'),
  ) as Bundle,
);
const resources = (data.entry ?? []).map(({ resource }) => resource);

/** Two reports of the data name an Organization and a Practitioner as their encounter, which the validator refuses. */
function withoutMistakes(bundle: Bundle): Bundle {
  const wrong = new Set(['DiagnosticReportLabC', 'DiagnosticReportNoteC']);
  for (const { resource } of bundle.entry ?? [])
    if (wrong.has(resource.id)) delete (resource as { encounter?: unknown }).encounter;
  return bundle;
}

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
  const answer = await server.call('POST', '', { body: data });
  expect(answer.status, answer.text.slice(0, 2_000)).toBe(200);
}, 120_000);
afterAll(() => server.stop());

const candidatesOf = ({ resource, profile }: ProfileGroup): Resource[] =>
  resources.filter(
    (one) =>
      one.resourceType === resource &&
      (one.meta?.profile ?? []).some((claimed) => claimed.split('|')[0] === profile),
  );

async function search(
  type: string,
  parameters: readonly (readonly [string, string])[],
  post = false,
): Promise<Bundle> {
  const form = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = post
    ? await server.call('POST', `/${type}/_search`, { body: form, headers })
    : await server.get(`/${type}?${form}`);
  expect(answer.status, `${type}?${form} ${answer.text.slice(0, 500)}`).toBe(200);
  return JSON.parse(answer.text) as Bundle;
}

const matchesOf = (bundle: Bundle): Resource[] =>
  (bundle.entry ?? []).filter(({ search }) => search?.mode === 'match').map(({ resource }) => resource);

/** The values of one candidate that has all of them, in the form that is asked with. */
function question({ definitions }: ProfileGroup, candidates: readonly Resource[], names: readonly string[]) {
  for (const resource of candidates) {
    const forms = names.map((name) => {
      if (name === '_id') return [resource.id];
      const paths = definitions[name]?.paths ?? [];
      return paths
        .flatMap((path) => valuesAt(resource, path))
        .flatMap(askedForms)
        .slice(0, 2);
    });
    if (forms.every((one) => one.length > 0)) return { resource, forms };
  }
  return undefined;
}

const finds = (bundle: Bundle, id: string) =>
  expect(
    matchesOf(bundle).map((one) => one.id),
    selfOf(bundle),
  ).toContain(id);
const selfOf = ({ link = [] }: Bundle): string => link[0]?.url ?? '';

/** Parameters that are no real question without data: counted, so that a kit without its data is seen. */
const unanswered: string[] = [];
/** Must-support elements that the data have, and those that they do not. */
const shown: string[] = [];
const notShown: string[] = [];

describe.each(groups.filter(({ searches }) => searches.length > 0))('$name', (group) => {
  const candidates = candidatesOf(group);
  const { resource: type } = group;
  const required = group.searches.filter(({ expectation }) => expectation !== 'MAY');
  test.each(required)('$expectation search by $names', async ({ names }) => {
    const asked = question(group, candidates, names);
    if (!asked) {
      unanswered.push(`${group.name}: ${names.join('+')}`);
      return;
    }
    const { resource, forms } = asked;
    const first = names.map((name, n) => [name, forms[n]?.[0] ?? ''] as const);
    const bundle = await search(type, [...first, ['_count', '500']]);
    finds(bundle, resource.id);
    expect(matchesOf(bundle).every(({ resourceType }) => resourceType === type)).toBe(true);
    finds(await search(type, [...first, ['_count', '500']], true), resource.id);
    // Every other way to write one of the values finds it too.
    for (const [n, name] of names.entries()) {
      for (const form of forms[n] ?? []) {
        const changed = first.map((one) => (one[0] === name ? ([name, form] as const) : one));
        finds(await search(type, [...changed, ['_count', '500']]), resource.id);
      }
    }
    // A list finds it, and a value that nothing has finds nothing.
    for (const [n, name] of names.entries()) {
      const { type: kind, multipleOr } = group.definitions[name] ?? { type: '', multipleOr: 'MAY' };
      if (multipleOr !== 'MAY' && !DATES.has(kind))
        finds(
          await search(type, [
            ...first.filter((one) => one[0] !== name),
            [name, `nothing-at-all,${forms[n]?.[0]}`],
            ['_count', '500'],
          ]),
          resource.id,
        );
      const none = DATES.has(kind) ? 'eq1801-01-01' : 'nothing-at-all';
      const empty = await search(type, [...first.filter((one) => one[0] !== name), [name, none]]);
      expect(
        matchesOf(empty).map(({ id }) => id),
        selfOf(empty),
      ).toEqual([]);
    }
  });

  const comparable = Object.entries(group.definitions).filter(([, { comparators }]) =>
    Object.values(comparators).includes('SHALL'),
  );
  test.each(comparable)('comparators of %s', async (name, { comparators, paths }) => {
    const withPatient = required.find(({ names }) => names.includes(name))?.names ?? [name];
    const asked = question(group, candidates, [...withPatient]);
    if (!asked) {
      unanswered.push(`${group.name}: comparators of ${name}`);
      return;
    }
    const { resource, forms } = asked;
    const value = String(paths.flatMap((path) => valuesAt(resource, path)).flatMap(askedForms)[0]);
    const day = utcDay(value.replace(/^[a-z]{2}/, ''));
    const others = withPatient
      .filter((one) => one !== name)
      .map((one) => [one, forms[withPatient.indexOf(one)]?.[0] ?? ''] as const);
    const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
    const after = new Date(Date.parse(day) + 2 * 86_400_000).toISOString().slice(0, 10);
    const found = { gt: before, ge: day, lt: after, le: after };
    for (const [prefix, date] of Object.entries(found)) {
      if (comparators[prefix] !== 'SHALL') continue;
      finds(await search(type, [...others, [name, `${prefix}${date}`], ['_count', '500']]), resource.id);
    }
    const later = await search(type, [...others, [name, 'gt2199-01-01']]);
    expect(matchesOf(later).filter(({ id }) => id === resource.id && !isOpen(resource, paths))).toEqual([]);
  });

  test('Provenance comes with what it is about', async () => {
    if (!group.revincludes.includes('Provenance:target')) return;
    const provenances = resources.filter(
      (one) =>
        one.resourceType === 'Provenance' &&
        valuesAt(one, 'target.reference').some((target) =>
          candidates.some(({ id }) => target === `${type}/${id}`),
        ),
    );
    for (const provenance of provenances) {
      const [target] = valuesAt(provenance, 'target.reference').filter((one) =>
        String(one).startsWith(`${type}/`),
      );
      const bundle = await search(type, [
        ['_id', String(target).split('/')[1] ?? ''],
        ['_revinclude', 'Provenance:target'],
      ]);
      expect((bundle.entry ?? []).map(({ resource }) => resource.id)).toContain(provenance.id);
    }
  });

  test('what is read is what was written, must-support elements and all', async () => {
    for (const { id, meta: _own, ...written } of candidates) {
      const { status, text } = await server.get(`/${type}/${id}`);
      expect(status).toBe(200);
      const { meta: _servers, id: _id, ...read } = JSON.parse(text) as Resource;
      expect(read).toEqual(written);
    }
    if (candidates.length === 0) return;
    for (const path of group.mustSupport) {
      const isShown = candidates.some((one) => valuesAt(one, path).length > 0);
      (isShown ? shown : notShown).push(`${group.name}: ${path}`);
    }
  });
});

const DATES: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant', 'Period']);

const isOpen = (resource: Resource, paths: readonly string[]): boolean =>
  paths.flatMap((path) => valuesAt(resource, path)).some((value) => typeof value === 'object');

test('the data answer nearly every required search', () => {
  console.log(`searches without data for them: ${unanswered.length}\n${unanswered.join('\n')}`);
  console.log(`must-support elements read back: ${shown.length}; not in the data: ${notShown.length}`);
  expect(unanswered.length).toBeLessThan(40);
  expect(shown.length).toBeGreaterThan(200);
});
