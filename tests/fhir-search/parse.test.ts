import { describe, expect, test } from 'vitest';
import {
  type Clause,
  parseSearch,
  SearchError,
  type SearchOptions,
} from '../../src/standards/fhir-search/index.ts';

const options: SearchOptions = {
  handling: 'strict',
  now: new Date('2026-01-01T00:00:00Z'),
  defaultCount: 50,
  maxCount: 1000,
  baseUrls: ['https://isthmus.example/fhir/R4'],
};

const parse = (search: string, more: Partial<SearchOptions> = {}) => {
  const [type = '', query = ''] = search.split(/\?(.*)/s);
  const parameters = query.split('&').map((one): [string, string] => {
    const at = one.indexOf('=');
    return [one.slice(0, at), one.slice(at + 1)];
  });
  return parseSearch(type.includes(',') ? type.split(',') : type, parameters, { ...options, ...more });
};

const where = (search: string): readonly Clause[] => parse(search).query.where;

function failure(search: string, more: Partial<SearchOptions> = {}): string {
  try {
    parse(search, more);
  } catch (error) {
    if (error instanceof SearchError) return `${error.kind} ${error.place}`;
    throw error;
  }
  return 'accepted';
}

const utc = (text: string) => new Date(`${text}Z`);
const day = { from: utc('2020-02-03T00:00:00'), to: utc('2020-02-04T00:00:00') };

describe('conditions', () => {
  const token = (param: string, ...anyOf: object[]) => ({ kind: 'token', param, anyOf });
  const range = (prefix: string, value: string, low: string, high: string) => ({ prefix, value, low, high });

  // biome-ignore format: one rule a line
  test.each<[rule: string, search: string, clauses: object[]]>([
    ['S13', 'Patient?name=a,b', [{ kind: 'string', param: 'name', match: 'starts', anyOf: ['a', 'b'] }]],
    ['S13', 'Patient?name=a&name=b', [{ kind: 'string', param: 'name', match: 'starts', anyOf: ['a'] }, { kind: 'string', param: 'name', match: 'starts', anyOf: ['b'] }]],
    ['S13', String.raw`Patient?name=a\,b\\\$\|c\d`, [{ kind: 'string', param: 'name', match: 'starts', anyOf: [String.raw`a,b\$|c\d`] }]],
    ['S13', String.raw`Observation?code=a\|b\,c|d\|e`, [token('code', { system: 'a|b,c', code: 'd|e' })]],
    ['S14', 'Patient?name:exact=A', [{ kind: 'string', param: 'name', match: 'exact', anyOf: ['A'] }]],
    ['S14', 'Patient?name:contains=A', [{ kind: 'string', param: 'name', match: 'contains', anyOf: ['A'] }]],
    ['S14', 'Patient?name:missing=true', [{ kind: 'missing', param: 'name', missing: true }]],
    ['S14', 'Observation?subject:missing=false', [{ kind: 'missing', param: 'subject', missing: false }]],
    ['S14', 'Observation?code:text=head', [{ kind: 'text', param: 'code', anyOf: ['head'] }]],
    ['S14', 'Observation?combo-code:text=head', [{ kind: 'any', of: [[{ kind: 'text', param: 'code', anyOf: ['head'] }], [{ kind: 'text', param: 'component-code', anyOf: ['head'] }]] }]],
    ['S14', 'Patient?identifier:text=record&race:text=white', [{ kind: 'text', param: 'identifier', anyOf: ['record'] }, { kind: 'text', param: 'race', anyOf: ['white'] }]],
    ['S14', 'Observation?code:not=a,b', [{ ...token('code', { code: 'a' }, { code: 'b' }), not: true }]],
    ['S14', 'Patient?identifier:of-type=http://v2|MR|12', [{ kind: 'of-type', param: 'identifier', anyOf: [{ system: 'http://v2', code: 'MR', value: '12' }] }]],
    ['S14', 'Patient?identifier:of-type=|MR|12', [{ kind: 'of-type', param: 'identifier', anyOf: [{ code: 'MR', value: '12' }] }]],
    ['S14', 'Observation?subject:identifier=s|1', [{ kind: 'reference-identifier', param: 'subject', anyOf: [{ system: 's', code: '1' }] }]],
    ['S14', 'ValueSet?url:below=http://a/', [{ kind: 'uri', param: 'url', match: 'below', anyOf: ['http://a/'] }]],
    ['S14', 'ValueSet?url:above=http://a/b', [{ kind: 'uri', param: 'url', match: 'above', anyOf: ['http://a/b'] }]],
    ['S15', 'Observation?code=a,s|a,|a,s|', [token('code', { code: 'a' }, { system: 's', code: 'a' }, { system: null, code: 'a' }, { system: 's' })]],
    ['S15', 'Patient?_tag=s|a&_security=R', [token('_tag', { system: 's', code: 'a' }), token('_security', { code: 'R' })]],
    ['S15', 'Patient?_id=a,b', [{ kind: 'id', anyOf: ['a', 'b'] }]],
    ['S16', 'Patient?birthdate=sa2020-02-03,2020-02-03', [{ kind: 'date', param: 'birthdate', anyOf: [{ prefix: 'sa', ...day }, { prefix: 'eq', ...day }] }]],
    ['S16', 'Patient?_lastUpdated=lt2020-02-03', [{ kind: 'last-updated', anyOf: [{ prefix: 'lt', ...day }] }]],
    ['S17', 'RiskAssessment?probability=100,100.00,1e2', [{ kind: 'quantity', param: 'probability', anyOf: [range('eq', '100', '99.5', '100.5'), range('eq', '100.00', '99.995', '100.005'), range('eq', '100', '95', '105')] }]],
    ['S17', 'RiskAssessment?probability=gt0.8,-0.5', [{ kind: 'quantity', param: 'probability', anyOf: [range('gt', '0.8', '0.75', '0.85'), range('eq', '-0.5', '-0.55', '-0.45')] }]],
    ['S17', 'RiskAssessment?probability=ap100,ap-100,ap1,ap0', [{ kind: 'quantity', param: 'probability', anyOf: [range('ap', '100', '90.0', '110.0'), range('ap', '-100', '-110.0', '-90.0'), range('ap', '1', '0.5', '1.5'), range('ap', '0', '-0.5', '0.5')] }]],
    ['S17', 'RiskAssessment?probability=0.30000000000000000001', [{ kind: 'quantity', param: 'probability', anyOf: [range('eq', '0.30000000000000000001', '0.300000000000000000005', '0.300000000000000000015')] }]],
    ['S17', 'RiskAssessment?probability=1.20E-3', [{ kind: 'quantity', param: 'probability', anyOf: [range('eq', '0.00120', '0.001195', '0.001205')] }]],
    ['S18', 'Observation?date=2020-02', [{ kind: 'date', param: 'date', anyOf: [{ prefix: 'eq', from: utc('2020-02-01T00:00:00'), to: utc('2020-03-01T00:00:00') }] }]],
    ['S18', 'Observation?date=ge2020-02-03T10:00:00+02:00', [{ kind: 'date', param: 'date', anyOf: [{ prefix: 'ge', from: utc('2020-02-03T08:00:00'), to: utc('2020-02-03T08:00:01') }] }]],
    ['S18', 'Observation?date=2020-02-03T10:00 02:00', [{ kind: 'date', param: 'date', anyOf: [{ prefix: 'eq', from: utc('2020-02-03T08:00:00'), to: utc('2020-02-03T08:01:00') }] }]],
    ['S18', 'Observation?date=ap2025-12-22', [{ kind: 'date', param: 'date', anyOf: [{ prefix: 'ap', from: utc('2025-12-21T00:00:00'), to: utc('2025-12-23T21:36:00') }] }]],
    ['S19', 'Observation?value-quantity=5.4', [{ kind: 'quantity', param: 'value-quantity', anyOf: [range('eq', '5.4', '5.35', '5.45')] }]],
    ['S19', 'Observation?value-quantity=le5.4|http://unitsofmeasure.org|mg', [{ kind: 'quantity', param: 'value-quantity', anyOf: [{ ...range('le', '5.4', '5.35', '5.45'), system: 'http://unitsofmeasure.org', code: 'mg' }] }]],
    ['S19', 'Observation?value-quantity=5.4||mg', [{ kind: 'quantity', param: 'value-quantity', anyOf: [{ ...range('eq', '5.4', '5.35', '5.45'), system: null, code: 'mg' }] }]],
    ['S20', 'Observation?patient=1', [{ kind: 'reference', param: 'patient', anyOf: [{ types: ['Patient'], id: '1' }] }]],
    ['S20', 'Observation?subject=1', [{ kind: 'reference', param: 'subject', anyOf: [{ types: ['Device', 'Group', 'Location', 'Patient'], id: '1' }] }]],
    ['S20', 'Observation?subject=Patient/1/_history/4,http://a/Patient/1', [{ kind: 'reference', param: 'subject', anyOf: [{ types: ['Patient'], id: '1' }, { url: 'http://a/Patient/1' }] }]],
    ['S20', 'Observation?subject=https://isthmus.example/fhir/R4/Patient/1', [{ kind: 'reference', param: 'subject', anyOf: [{ types: ['Patient'], id: '1' }] }]],
    ['S20', 'Observation?subject=https://isthmus.example/fhir/R4B/Patient/1', [{ kind: 'reference', param: 'subject', anyOf: [{ url: 'https://isthmus.example/fhir/R4B/Patient/1' }] }]],
    ['S20', 'Observation?subject:Patient=1,Patient/2', [{ kind: 'reference', param: 'subject', anyOf: [{ types: ['Patient'], id: '1' }, { types: ['Patient'], id: '2' }] }]],
    ['S20', 'QuestionnaireResponse?questionnaire=http://a/q|1.0', [{ kind: 'reference', param: 'questionnaire', anyOf: [{ url: 'http://a/q|1.0' }] }]],
    ['S21', 'Observation?patient.name:exact=A', [{ kind: 'chain', param: 'patient', target: 'Patient', where: { kind: 'string', param: 'name', match: 'exact', anyOf: ['A'] } }]],
    ['S21', 'Observation?subject:Patient.birthdate=2020-02-03', [{ kind: 'chain', param: 'subject', target: 'Patient', where: { kind: 'date', param: 'birthdate', anyOf: [{ prefix: 'eq', ...day }] } }]],
    ['S21', 'Encounter?subject:Patient.organization.name=A', [{ kind: 'chain', param: 'subject', target: 'Patient', where: { kind: 'chain', param: 'organization', target: 'Organization', where: { kind: 'string', param: 'name', match: 'starts', anyOf: ['A'] } } }]],
    ['S21', 'Patient?_has:Observation:patient:code=a', [{ kind: 'has', type: 'Observation', param: 'patient', where: token('code', { code: 'a' }) }]],
    ['S21', 'Patient?_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/1', [{ kind: 'has', type: 'Observation', param: 'patient', where: { kind: 'has', type: 'AuditEvent', param: 'entity', where: { kind: 'reference', param: 'agent', anyOf: [{ types: ['Practitioner'], id: '1' }] } } }]],
    ['S21', 'Encounter?patient._has:Group:member:_id=g', [{ kind: 'chain', param: 'patient', target: 'Patient', where: { kind: 'has', type: 'Group', param: 'member', where: { kind: 'id', anyOf: ['g'] } } }]],
    ['S24', 'Observation?combo-code=a', [{ kind: 'any', of: [[token('code', { code: 'a' })], [token('component-code', { code: 'a' })]] }]],
    ['S24', 'Observation?combo-code:not=a', [{ kind: 'any', of: [[{ ...token('code', { code: 'a' }), not: true }, { ...token('component-code', { code: 'a' }), not: true }]] }]],
    ['S24', 'Observation?combo-code:missing=true', [{ kind: 'any', of: [[{ kind: 'missing', param: 'code', missing: true }, { kind: 'missing', param: 'component-code', missing: true }]] }]],
    ['S24', 'Observation?combo-code:missing=false', [{ kind: 'any', of: [[{ kind: 'missing', param: 'code', missing: false }], [{ kind: 'missing', param: 'component-code', missing: false }]] }]],
    ['S25', 'Observation?code-value-concept=s|a$b,c$d', [{ kind: 'any', of: [[token('code', { system: 's', code: 'a' }), token('value-concept', { code: 'b' })], [token('code', { code: 'c' }), token('value-concept', { code: 'd' })]] }]],
    ['S25', 'Observation?component-code-value-quantity=a$gt5', [{ kind: 'composite', param: 'component-code-value-quantity', anyOf: [{ token: { code: 'a' }, other: { kind: 'quantity', value: range('gt', '5', '4.5', '5.5') } }] }]],
    ['S25', 'Observation?combo-code-value-concept=a$b', [{ kind: 'any', of: [[token('code', { code: 'a' }), token('value-concept', { code: 'b' })], [{ kind: 'composite', param: 'component-code-value-concept', anyOf: [{ token: { code: 'a' }, other: { kind: 'token', value: { code: 'b' } } }] }]] }]],
    ['S25', 'DocumentReference?relationship=replaces$1', [{ kind: 'composite', param: 'relationship', anyOf: [{ token: { code: 'replaces' }, other: { kind: 'reference', value: { types: ['DocumentReference'], id: '1' } } }] }]],
    ['S26', 'Observation,Condition?code=a', [token('code', { code: 'a' })]],
    ['S23', 'Patient?_contained=false', []],
  ])('[%s] %s', (_rule, search, clauses) => {
    expect(where(search)).toEqual(clauses);
  });

  test('[S21] a chain without a type goes to every target that has the parameter', () => {
    const [clause] = where('Observation?subject.name=A');
    const targets =
      clause?.kind === 'any' ? clause.of.flat().map((one) => one.kind === 'chain' && one.target) : [];
    expect(targets).toEqual(['Location', 'Patient']);
  });
});

describe('refusals', () => {
  // biome-ignore format: one rule a line
  test.each([
    ['S10', 'Patient?frobnicate=1', 'unknown frobnicate'],
    ['S10', 'Patient?phonetic=a', 'unknown phonetic'],
    ['S10', 'Location?near=1|2', 'unknown near'],
    ['S10', 'Patient?_text=a', 'unknown _text'],
    ['S10', 'Patient?_content=a', 'unknown _content'],
    ['S10', 'Patient?_filter=a', 'unknown _filter'],
    ['S10', 'Patient?_list=a', 'unknown _list'],
    ['S10', 'Patient?_query=a', 'unknown _query'],
    ['S10', 'Patient?_contained=true', 'unknown _contained'],
    ['S10', 'Patient?_type=Patient', 'unknown _type'],
    ['S10', 'Patient?name=', 'unknown name'],
    ['S10', 'MolecularSequence?chromosome-window-coordinate=a$1$2', 'unknown chromosome-window-coordinate'],
    ['S10', 'Patient?__proto__=1', 'unknown __proto__'],
    ['S10', 'Patient?constructor=1', 'unknown constructor'],
    ['S10', "Patient?name' OR 1=1", 'unknown query'],
    ['S11', 'Patient?name:frob=1', 'not-supported name:frob'],
    ['S11', 'Observation?code:in=http://vs', 'not-supported code:in'],
    ['S11', 'Observation?code:not-in=http://vs', 'not-supported code:not-in'],
    ['S11', 'Observation?code:below=a', 'not-supported code:below'],
    ['S11', 'Observation?code:of-type=a|b|c', 'not-supported code:of-type'],
    ['S14', 'Patient?gender:text=a', 'not-supported gender:text'],
    ['S14', 'Patient?phone:text=5', 'not-supported phone:text'],
    ['S14', 'Patient?active:text=true', 'not-supported active:text'],
    ['S11', 'Observation?subject:Medication=1', 'not-supported subject:Medication'],
    ['S11', 'Patient?birthdate:exact=2020', 'not-supported birthdate:exact'],
    ['S11', 'Patient?_id:missing=true', 'not-supported _id:missing'],
    ['S11', 'Observation?code-value-quantity:missing=true', 'not-supported code-value-quantity:missing'],
    ['S11', 'QuestionnaireResponse?questionnaire:identifier=a', 'not-supported questionnaire:identifier'],
    ['S11', 'Patient?name:missing=yes', 'invalid name:missing'],
    ['S11', 'Patient?name:missing=true,false', 'invalid name:missing'],
    ['S11', 'Patient?name=a,,b', 'invalid name'],
    ['S11', 'Patient?name=a,', 'invalid name'],
    ['S11', 'Patient?name=a\0b', 'invalid name'],
    ['S11', 'Patient?_count=1&_count=2', 'invalid _count'],
    ['S13', String.raw`Patient?birthdate=2020\,2021`, 'invalid birthdate'],
    ['S15', 'Observation?code=|', 'invalid code'],
    ['S15', 'Observation?code=a|b|c', 'invalid code'],
    ['S14', 'Patient?identifier:of-type=MR|12', 'invalid identifier:of-type'],
    ['S14', 'Patient?identifier:of-type=s|MR|', 'invalid identifier:of-type'],
    ['S16', 'Patient?birthdate=GE2020', 'invalid birthdate'],
    ['S16', 'Patient?birthdate=xx2020', 'invalid birthdate'],
    ['S16', 'Patient?birthdate=gege2020', 'invalid birthdate'],
    ['S17', 'RiskAssessment?probability=a', 'invalid probability'],
    ['S17', 'RiskAssessment?probability=.5', 'invalid probability'],
    ['S17', 'RiskAssessment?probability=1e301', 'invalid probability'],
    ['S17', 'RiskAssessment?probability=NaN', 'invalid probability'],
    ['S18', 'Patient?birthdate=2020-13', 'invalid birthdate'],
    ['S18', 'Patient?birthdate=2021-02-29', 'invalid birthdate'],
    ['S18', 'Patient?birthdate=2020-02-03T10', 'invalid birthdate'],
    ['S18', 'Patient?birthdate=yesterday', 'invalid birthdate'],
    ['S19', 'Observation?value-quantity=5|mg', 'invalid value-quantity'],
    ['S19', 'Observation?value-quantity=|s|mg', 'invalid value-quantity'],
    ['S20', 'Observation?subject=a b', 'invalid subject'],
    ['S20', 'Observation?subject=Frob/1', 'invalid subject'],
    ['S20', 'Observation?subject:Patient=Group/1', 'invalid subject:Patient'],
    ['S20', 'QuestionnaireResponse?questionnaire=1', 'invalid questionnaire'],
    ['S21', 'Observation?code.name=a', 'unknown code.name'],
    ['S21', 'Observation?subject.frob=a', 'unknown subject.frob'],
    ['S21', 'Observation?subject:Frob.name=a', 'unknown subject:Frob.name'],
    ['S21', 'Provenance?target._id=a', 'too-costly target._id'],
    ['S21', 'Patient?_has:Frob:patient:code=a', 'unknown _has:Frob:patient:code'],
    ['S21', 'Patient?_has:Observation:device:code=a', 'unknown _has:Observation:device:code'],
    ['S21', 'Patient?_has:Observation:patient=a', 'unknown _has:Observation:patient'],
    ['S21', 'Patient?organization.partof.partof.partof.partof.name=a', 'too-costly organization.partof.partof.partof.partof.name'],
    ['S21', 'Observation?subject:Patient.name:frob=a', 'not-supported subject:Patient.name:frob'],
    ['S22', 'Patient?_include=Patient', 'invalid _include'],
    ['S22', 'Patient?_include=Patient:frob', 'unknown _include'],
    ['S22', 'Patient?_include=Patient:name', 'unknown _include'],
    ['S22', 'Patient?_include=Observation:subject', 'unknown _include'],
    ['S22', 'Patient?_include=Patient:organization:Group', 'unknown _include'],
    ['S22', 'Patient?_revinclude=*', 'too-costly _revinclude'],
    ['S22', 'Patient?_revinclude=Observation:device', 'unknown _revinclude'],
    ['S23', 'Patient?_sort=frob', 'unknown _sort'],
    ['S23', 'Patient?_sort=name;DROP TABLE', 'invalid _sort'],
    ['S23', 'Observation?_sort=combo-code', 'unknown _sort'],
    ['S23', 'Observation?_sort=code-value-quantity', 'unknown _sort'],
    ['S23', 'Patient?_sort=_score', 'unknown _sort'],
    ['S23', 'Patient?_sort=name,gender,birthdate,family,given,_id', 'too-costly _sort'],
    ['S23', 'Patient?_sort:asc=name', 'unknown _sort:asc'],
    ['S23', 'Patient?_count=-1', 'invalid _count'],
    ['S23', 'Patient?_count=1e9', 'invalid _count'],
    ['S23', 'Patient?_count=ten', 'invalid _count'],
    ['S23', 'Patient?_total=some', 'invalid _total'],
    ['S23', 'Patient?_summary=all', 'invalid _summary'],
    ['S23', "Patient?_elements=name'", 'invalid _elements'],
    ['S23', 'Patient?_pretty=yes', 'invalid _pretty'],
    ['S25', 'Observation?code-value-quantity=a', 'invalid code-value-quantity'],
    ['S25', 'Observation?code-value-quantity=a$1$2', 'invalid code-value-quantity'],
    ['S25', 'Observation?code-value-quantity=a$high', 'invalid code-value-quantity'],
    ['S25', 'Observation?component-code-value-quantity=$5', 'invalid component-code-value-quantity'],
    ['S26', 'Observation,Condition?value-quantity=5', 'unknown value-quantity'],
    ['S26', 'Observation,Condition?_type=Patient', 'invalid _type'],
    ['S27', `Patient?_id=${'a,'.repeat(1000)}a`, 'too-costly _id'],
    ['S27', `Patient?name=${'a'.repeat(100_001)}`, 'too-costly name'],
    ['S27', `Patient?${Array.from({ length: 101 }, () => 'name=a').join('&')}`, 'too-costly query'],
    ['S27', `Patient?${Array.from({ length: 6 }, () => `_id=${'a,'.repeat(899)}a`).join('&')}`, 'too-costly _id'],
    ['S27', `Provenance?target=${'a,'.repeat(50)}a`, 'too-costly target'],
    ['S27', `Observation?code-value-concept=${'a$b,'.repeat(60)}a$b`, 'too-costly code-value-concept'],
    ['S27', `Patient?${'organization.'.repeat(40)}name=a`, 'too-costly query'],
  ])('[%s] %s', (_rule, search, expected) => {
    expect(failure(search)).toBe(expected);
  });

  test('[S10] lenient handling names what it leaves out, and why', () => {
    const { query, used, ignored } = parse(
      'Patient?frob=1&name=a&_text=b&_sort=frob&_include=Patient:frob&gender=',
      {
        handling: 'lenient',
      },
    );
    expect(ignored).toEqual([
      { name: 'frob', reason: 'not a search parameter of Patient' },
      { name: '_text', reason: 'there is no full-text search' },
      { name: '_sort', reason: 'not a search parameter of Patient' },
      { name: '_include', reason: 'not a search parameter of Patient' },
      { name: 'gender', reason: 'a value' },
    ]);
    expect(used).toEqual([['name', 'a']]);
    expect(query).toMatchObject({ where: [{ kind: 'string' }], sort: [], include: [] });
  });

  test.each([
    'name:frob=1',
    'birthdate=x',
    'name=a,,b',
    '_count=x',
    `_id=${'a,'.repeat(1000)}a`,
    '_revinclude=*',
  ])('[S11] lenient handling refuses %s all the same', (query) => {
    expect(failure(`Patient?${query}`, { handling: 'lenient' })).not.toBe('accepted');
  });

  test('[S12] an error names parameter and rule, no value', () => {
    for (const query of [
      'birthdate=SECRET',
      'name:missing=SECRET',
      '_sort=SECRET',
      'SECRET NAME=1',
      '_include=SECRET',
      '_count=SECRET',
    ])
      try {
        parse(`Patient?${query}`);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(SearchError);
        expect(JSON.stringify([String(error), error])).not.toContain('SECRET');
      }
  });
});

describe('the result', () => {
  const query = (search: string) => parse(search).query;

  test('[S22] includes', () => {
    expect(query('MedicationRequest?_include=MedicationRequest:medication:Medication').include).toEqual([
      { source: 'MedicationRequest', param: 'medication', target: 'Medication', iterate: false },
    ]);
    expect(query('MedicationRequest?_include=*&_include:iterate=Medication:manufacturer').include).toEqual([
      { source: 'MedicationRequest', param: '*', iterate: false },
      { source: 'Medication', param: 'manufacturer', iterate: true },
    ]);
    expect(query('Patient?_revinclude=Provenance:target&_revinclude=Observation:*').revinclude).toEqual([
      { source: 'Provenance', param: 'target', iterate: false },
      { source: 'Observation', param: '*', iterate: false },
    ]);
    expect(query('Encounter?_revinclude=Provenance:target:Encounter').revinclude).toHaveLength(1);
  });

  test('[S23] order, count and total', () => {
    expect(query('Patient?_sort=-birthdate,family,_id,-_lastUpdated').sort).toEqual([
      { param: 'birthdate', type: 'date', descending: true },
      { param: 'family', type: 'string', descending: false },
      { param: '_id', type: 'token', descending: false },
      { param: '_lastUpdated', type: 'date', descending: true },
    ]);
    expect(query('Patient?name=a')).toMatchObject({ count: 50, total: 'none' });
    expect(query('Patient?_count=7&_total=estimate')).toMatchObject({ count: 7, total: 'estimate' });
    expect(query('Patient?_count=1000000000')).toMatchObject({ count: 1000 });
    expect(query('Patient?_count=0')).toMatchObject({ count: 0, total: 'accurate' });
    expect(query('Patient?_summary=count')).toMatchObject({ count: 0, total: 'accurate' });
    expect(parse('Patient?name=a', { defaultTotal: 'accurate' }).query.total).toBe('accurate');
  });

  test('[S23] what only shapes the answer', () => {
    const { form, query: searched } = parse(
      'Patient?_summary=text&_elements=id,name,Patient.birthDate,id&_format=json&_pretty=true',
    );
    expect(form).toEqual({
      summary: 'text',
      elements: ['id', 'name', 'Patient.birthDate'],
      format: 'json',
      pretty: true,
    });
    expect(searched.where).toEqual([]);
  });

  test('[S26] _type narrows a search of the whole system', () => {
    const parsed = parse('Observation,Condition,Patient?_type=Observation,Condition&_lastUpdated=2020-02-03');
    expect(parsed.query.types).toEqual(['Observation', 'Condition']);
    expect(parsed.used).toHaveLength(2);
    expect(query('Observation,Condition?_id=a').types).toEqual(['Observation', 'Condition']);
    const [clause] = where('Observation,MedicationRequest?patient=1');
    expect(clause).toEqual({ kind: 'reference', param: 'patient', anyOf: [{ types: ['Patient'], id: '1' }] });
  });

  test('[S28] what is used is told as it is used', () => {
    const { used } = parse('Patient?name=a&_count=5000&_format=json');
    expect(used).toEqual([
      ['name', 'a'],
      ['_count', '1000'],
      ['_format', 'json'],
    ]);
  });
});
