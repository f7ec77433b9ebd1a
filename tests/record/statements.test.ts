import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordReader } from '../../src/clinical/record/index.ts';
import type { Database, NamedSql } from '../../src/foundation/database/index.ts';
import type { Clause, SearchQuery } from '../../src/standards/fhir-search/index.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

const instant = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const prefix = fc.constantFrom('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');

/** The same shape of query with every text made by `text`. */
function queryWith(
  text: (place: string) => string,
  parts: { from: Date; to: Date; prefix: string; number: string },
): SearchQuery {
  const asked = parts.prefix as 'eq';
  const date = { prefix: asked, from: parts.from, to: parts.to };
  const quantity = {
    prefix: asked,
    value: parts.number,
    low: parts.number,
    high: parts.number,
    system: text('unit system'),
    code: text('unit'),
  };
  const token = { system: text('system'), code: text('code') };
  const clauses: Clause[] = [
    { kind: 'token', param: text('p1'), anyOf: [token, { code: text('code alone') }], not: true },
    { kind: 'of-type', param: text('p2'), anyOf: [{ system: text('s'), code: text('c'), value: text('v') }] },
    { kind: 'text', param: text('p3'), anyOf: [text('text'), text('text 2')] },
    ...(['starts', 'exact', 'contains'] as const).map(
      (match): Clause => ({ kind: 'string', param: text('p4'), match, anyOf: [text(match)] }),
    ),
    ...(['exact', 'below', 'above'] as const).map(
      (match): Clause => ({ kind: 'uri', param: text('p5'), match, anyOf: [`http://${text(match)}`] }),
    ),
    {
      kind: 'uri',
      param: '_source',
      match: 'exact',
      anyOf: [`urn:isthmus:system:${encodeURIComponent(text('source').replace(/\p{Surrogate}/gu, ''))}`],
    },
    { kind: 'date', param: 'date', anyOf: [date] },
    { kind: 'date', param: text('p6'), anyOf: [date] },
    { kind: 'last-updated', anyOf: [date] },
    { kind: 'quantity', param: text('p7'), anyOf: [quantity] },
    { kind: 'reference', param: 'patient', anyOf: [{ types: ['Patient'], id: text('patient') }] },
    {
      kind: 'reference',
      param: text('p8'),
      anyOf: [{ url: text('url') }, { types: [text('type')], id: text('id') }],
    },
    { kind: 'reference-identifier', param: text('p9'), anyOf: [token] },
    { kind: 'missing', param: text('p10'), missing: true },
    { kind: 'id', anyOf: [text('ids')] },
    {
      kind: 'composite',
      param: text('p11'),
      anyOf: [
        { token, other: { kind: 'quantity', value: quantity } },
        { token, other: { kind: 'date', value: date } },
        { token, other: { kind: 'token', value: token } },
        { token, other: { kind: 'string', value: text('string') } },
        { token, other: { kind: 'reference', value: { types: [text('type')], id: text('id') } } },
      ],
    },
    { kind: 'compartment', patient: text('compartment') },
    {
      kind: 'chain',
      param: text('p12'),
      target: text('target'),
      where: { kind: 'string', param: text('p13'), match: 'starts', anyOf: [text('far')] },
    },
    {
      kind: 'has',
      type: text('has type'),
      param: text('p14'),
      where: { kind: 'token', param: text('p15'), anyOf: [token] },
    },
    {
      kind: 'any',
      of: [
        [{ kind: 'missing', param: text('p16'), missing: false }],
        [{ kind: 'token', param: text('p17'), anyOf: [token] }],
      ],
    },
  ];
  const kinds = ['string', 'token', 'date', 'uri', 'reference', 'quantity', 'number'] as const;
  return {
    types: [text('searched type')],
    where: clauses,
    sort: kinds.map((type, index) => ({ param: text(`sort ${type}`), type, descending: index % 2 === 0 })),
    include: [{ source: text('source'), param: text('include'), target: text('target'), iterate: true }],
    revinclude: [{ source: text('source'), param: text('revinclude'), iterate: false }],
    count: 10,
    total: 'accurate',
  };
}

/** Texts of all statements that a query is answered by. */
async function textsOf(query: SearchQuery): Promise<string[]> {
  const texts: string[] = [];
  const observe = <T extends Pick<Database, 'query'>>(database: T): T => ({
    ...database,
    query: (statement: NamedSql, parameters?: Parameters<Database['query']>[1]) => {
      texts.push(statement.text);
      return database.query(statement, parameters);
    },
  });
  const record = recordReader(observe(world.db.database), { scope: { kind: 'compartment', person: 'x' } });
  await record.search(query);
  await record.search({ ...query, count: 0 });
  await record.search(query, { after: { rid: 7, values: ['a', 'b', '2020-01-01', 'c', 'd', '1', '2'] } });
  return texts;
}

const HOSTILE = [
  "'; DROP TABLE resource; --",
  '"$1"',
  '$2::text[]) OR TRUE --',
  '#{row}',
  '%_\\',
  '\u0000\ud800',
  '{a,"b"}',
  ')',
  '',
];

describe('[S40] statements', () => {
  test('no text of a caller is in the SQL: it is the same whatever is asked (property)', async () => {
    const plain = { from: new Date(0), to: new Date(1), prefix: 'eq', number: '1' };
    const known = await textsOf(queryWith((place) => `plain ${place}`, plain));
    expect(known.length).toBeGreaterThanOrEqual(6);
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 60 }),
        instant,
        instant,
        fc.integer(),
        async (texts, from, to, number) => {
          let next = 0;
          const hostile = () => texts[next++ % texts.length] ?? '';
          expect(
            await textsOf(queryWith(hostile, { from, to, prefix: 'eq', number: String(number) })),
          ).toEqual(known);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('every prefix is one text (property)', async () => {
    const byPrefix = new Map<string, string>();
    await fc.assert(
      fc.asyncProperty(prefix, instant, instant, async (asked, from, to) => {
        const texts = JSON.stringify(
          await textsOf(queryWith((place) => place, { from, to, prefix: asked, number: '-1.50' })),
        );
        expect(byPrefix.get(asked) ?? texts).toBe(texts);
        byPrefix.set(asked, texts);
      }),
      { numRuns: 20 },
    );
    expect(byPrefix.size).toBeGreaterThan(5);
  });

  test('a chain of more links than are followed is refused', async () => {
    let where: Clause = { kind: 'id', anyOf: ['x'] };
    for (let link = 0; link < 8; link++)
      where = { kind: 'chain', param: 'subject', target: 'Patient', where };
    const query = {
      types: ['Observation'],
      where: [where],
      sort: [],
      include: [],
      revinclude: [],
      count: 1,
      total: 'none' as const,
    };
    await expect(world.all.search(query)).rejects.toMatchObject({ code: 'INVALID_REQUEST', place: 'chain' });
  });
});
