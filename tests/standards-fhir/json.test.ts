import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decimalOf,
  FhirError,
  parseExact,
  parseJson,
  parseResource,
  stringifyExact,
} from '../../src/standards/fhir/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const failureOf = (run: () => unknown): FhirError => {
  try {
    run();
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const jsonValue = fc.jsonValue({ maxDepth: 6 }).filter((value) => {
  const text = JSON.stringify(value);
  return !/\\u0000|\\ud[89a-f]|"(__proto__|constructor|prototype)":/i.test(text);
});

const decimalText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.bigInt({ min: 0n, max: 10n ** 24n }).map(String),
    fc.option(fc.stringMatching(/^\d{1,20}$/), { nil: undefined }),
    fc.option(fc.stringMatching(/^[eE][+-]?\d{1,3}$/), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent ?? ''}`,
  );

describe('JSON', () => {
  test('[J1] any JSON comes back as it was', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(stringifyExact(parseJson(text), indent)).toBe(text);
        expect(parseJson(bytes(text))).toEqual(parseJson(text));
      }),
      { numRuns: 500 },
    );
  });

  test('[J2] decimals keep every digit, and are marked as the store marks them', () => {
    for (const text of ['1.10', '1e2', '-0', '1E+400', '0.0', '12345678901234567890', '1e-7', '100', '-1.5'])
      expect(stringifyExact(parseJson(`[${text}]`))).toBe(`[${text}]`);
    fc.assert(
      fc.property(fc.array(decimalText), (decimals) => {
        const text = `{"value":[${decimals.join(',')}]}`;
        expect(stringifyExact(parseJson(text))).toBe(text);
        expect(parseJson(text)).toEqual(parseExact(text));
        expect(parseJson(text)).toEqual({ value: decimals.map(decimalOf) });
      }),
    );
  });

  test('numbers within texts are texts', () => {
    const text = String.raw`{"a":"1.10","b\"1.10":"\\","c":"\"2.50","d":["x\\\"3.0"]}`;
    expect(stringifyExact(parseJson(text))).toBe(text);
  });

  test.each([
    ['{"a":1.10,}'],
    ['{"a":01}'],
    ['{"a":1.}'],
    ['[1 2]'],
    ['{"a" 1}'],
    ["{'a':1}"],
    ['{"a":NaN}'],
    ['"open'],
    ['{"a":"\n"}'],
    ['{"a":1}{'],
    [''],
    ['[1.10.20]'],
    ['--1'],
    ['nul'],
  ])('[J3] %j is no JSON', (text) => {
    expect(failureOf(() => parseJson(text)).code).toBe('BAD_SYNTAX');
  });

  test('[J3] the place of a mistake is named, its text is not', () => {
    const error = failureOf(() => parseJson('{\n  "family": "Nightingale",\n  "given": Florence\n}'));
    expect(error.place).toBe('line 3, column 12');
    expect(error.message).not.toMatch(/Flor|Night|given/);
    expect(String(error.cause)).toBe('undefined');
  });

  test('any text is parsed or refused with a FhirError that quotes nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,"\\u0d8-1.e \ntrueFnalXYZ') }), (text) => {
        let native: unknown;
        try {
          native = JSON.parse(text);
        } catch {
          const error = failureOf(() => parseJson(text));
          expect(error.code).toBe('BAD_SYNTAX');
          expect(error.place ?? 'line 1, column 1').toMatch(/^line \d+, column \d+$/);
          return;
        }
        try {
          expect(JSON.parse(stringifyExact(parseJson(text)))).toEqual(native);
        } catch (error) {
          expect((error as FhirError).code).toMatch(/^(DUPLICATE_KEY|BAD_ENCODING)$/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['{"a":1,"a":1}', 'line 1, column 8'],
    ['{"a":{"b":1},\n "c":[{"d":1,"e":2,"d":3}]}', 'line 2, column 20'],
    [String.raw`{"name":1,"\u006eame":2}`, 'line 1, column 11'],
    ['{"a:b":1, "x":"a:b", "a:b" : 2}', 'line 1, column 22'],
  ])('[J4] a name that stands twice is refused where it stands again: %j', (text, place) => {
    expect(failureOf(() => parseJson(text))).toMatchObject({ code: 'DUPLICATE_KEY', place });
  });

  test.each(['__proto__', 'constructor', 'prototype', String.raw`\u005f_proto__`])(
    '[J5] a member named %s is refused',
    (name) => {
      const text = `{"resourceType":"Patient","extension":[{"${name}":{"polluted":true}}]}`;
      expect(failureOf(() => parseResource(text))).toMatchObject({
        code: 'FORBIDDEN_KEY',
        place: 'line 1, column 41',
      });
      expect(Object.prototype).not.toHaveProperty('polluted');
    },
  );

  test('[J6] depth is limited before anything is built', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    expect(parseJson(nested(64))).toBeDefined();
    expect(failureOf(() => parseJson(nested(65))).code).toBe('TOO_DEEP');
    expect(failureOf(() => parseJson(nested(3), { maxDepth: 2 })).code).toBe('TOO_DEEP');
    expect(failureOf(() => parseJson('{"a":'.repeat(2_000_000))).code).toBe('TOO_DEEP');
    expect(parseJson(`"${'[{'.repeat(100)}"`)).toHaveLength(200);
  });

  test('[J7] size is limited in bytes', () => {
    expect(failureOf(() => parseJson('"12345"', { maxBytes: 6 })).code).toBe('TOO_LARGE');
    expect(failureOf(() => parseJson('"ööö"', { maxBytes: 7 })).code).toBe('TOO_LARGE');
    expect(parseJson('"ööö"', { maxBytes: 8 })).toBe('ööö');
    expect(failureOf(() => parseJson(bytes('"ööö"'), { maxBytes: 7 })).code).toBe('TOO_LARGE');
  });

  test.each([
    ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['an overlong form', Uint8Array.of(0x22, 0xc0, 0x80, 0x22)],
    ['half a character', '"\ud800"'],
    ['half an escaped character', String.raw`"\ud800x"`],
    ['an escaped NUL', String.raw`{"a":"\u0000#1.0"}`],
  ])('[J8] %s is refused', (_what, text) => {
    expect(failureOf(() => parseJson(text)).code).toBe('BAD_ENCODING');
  });

  test('[J8] both halves of an escaped character are one, and an escaped backslash begins no escape', () => {
    expect(parseJson(String.raw`"\ud83d\ude00"`)).toBe('😀');
    expect(parseJson(String.raw`"\\u0000 \\ud800"`)).toBe(String.raw`\u0000 \ud800`);
  });

  test.each([
    ['[]', 'NOT_AN_OBJECT'],
    ['null', 'NOT_AN_OBJECT'],
    ['1.10', 'NOT_AN_OBJECT'],
    ['{}', 'NO_RESOURCE_TYPE'],
    ['{"resourceType":1}', 'NO_RESOURCE_TYPE'],
    ['{"resourceType":"patient"}', 'UNKNOWN_RESOURCE_TYPE'],
    ['{"resourceType":"SubscriptionStatus"}', 'UNKNOWN_RESOURCE_TYPE'],
    ['{"resourceType":"DomainResource"}', 'UNKNOWN_RESOURCE_TYPE'],
    ['{"resourceType":"toString"}', 'UNKNOWN_RESOURCE_TYPE'],
  ])('[J9] %s is no resource: %s', (text, code) => {
    expect(failureOf(() => parseResource(text)).code).toBe(code);
  });

  test('a long text of backslashes and quotes takes no longer than its length', () => {
    const started = performance.now();
    parseJson(`["${'\\\\'.repeat(500_000)}","${'\\"'.repeat(500_000)}"]`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
