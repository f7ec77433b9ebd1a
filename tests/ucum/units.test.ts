import { expect, describe as suite, test } from 'vitest';
import {
  canonical,
  commensurable,
  compareQuantities,
  convert,
  describe,
  divide,
  isValidUnit,
  multiply,
  parseUnit,
  unitRules,
} from '../../src/standards/ucum/index.ts';

const valid = (...codes: string[]) => {
  for (const code of codes) expect(isValidUnit(code), code).toBe(true);
};
const refused = (code: string) => {
  const unit = parseUnit(code);
  return 'rule' in unit ? `${unit.rule} ${unit.at}` : 'valid';
};
/** `5 mg -> g`, and what comes of it: `0.005`, or why not. */
const converted = (line: string) => {
  const [value = '', from = '', , to = ''] = line.split(' ');
  const answer = convert(value, from, to);
  return 'why' in answer ? answer.why : answer.value;
};

suite('syntax', () => {
  test('[UC1] units of results, case by case', () => {
    valid(
      'mg/dL',
      'mmol/L',
      'mm[Hg]',
      '10*3/uL',
      '10^9/L',
      '[iU]/L',
      'm[iU]/mL',
      '%',
      '[degF]',
      'Cel',
      '[pH]',
    );
    valid(
      'mL/min/{1.73_m2}',
      '{cells}/uL',
      '/[HPF]',
      'g/(24.h)',
      'kg.m-2',
      'kg/m2',
      '1',
      '100',
      'mg{creat}/g',
    );
    valid(
      '10*-3',
      '10*+3',
      'm+2',
      '(((m)))',
      '/m',
      'dB[SPL]',
      'cal_[15]',
      '[m/s2/Hz^(1/2)]',

      'KiBy',
    );
  });

  test.each([
    ['', 'empty 0'],
    ['mg/', 'operator 3'],
    ['mg//dL', 'operator 3'],
    ['.m', 'operator 0'],
    ['(m)s', 'operator 3'],
    ['()', 'operator 1'],
    ['(m', 'parenthesis 0'],
    ['m.(s.(g)', 'parenthesis 2'],
    ['m)', 'parenthesis 1'],
    ['[in_i', 'bracket 0'],
    ['m{a', 'annotation 1'],
    ['m}', 'annotation 1'],
    ['m{a{b}}', 'annotation 1'],
    ['m{a}{b}', 'annotation 1'],
    ['{a}m', 'annotation 0'],
    ['m-', 'exponent 1'],
    ['m100', 'exponent 1'],
    ['10+3/ul', 'factor 0'],
    ['0/m', 'factor 0'],
    ['2mg', 'unknown-symbol 0'],
    ['MG/DL', 'unknown-symbol 3'],
    ['mg/12h', 'unknown-symbol 3'],
    ['mcg', 'unknown-symbol 0'],
    ['mmHg', 'unknown-symbol 0'],
    ['IU/L', 'unknown-symbol 0'],
    ['__proto__', 'unknown-symbol 0'],
    ['constructor', 'unknown-symbol 0'],
    ['mmin', 'prefix 0'],
    ['k[degF]', 'prefix 0'],
    ['Cel/h', 'special 0'],
    ['Cel2', 'special 0'],
    ['/Cel', 'special 0'],
    ['g/(Cel)', 'special 3'],
    ['mm Hg', 'character 2'],
    ['µg/L', 'character 0'],
    [' mg', 'character 0'],
    ['mg\n', 'character 2'],
    ['10³/uL', 'character 2'],
  ])('[UC2] %j is no unit: %s', (code, rule) => {
    expect(refused(code)).toBe(rule);
  });

  test('[UC2] each rule has words', () => {
    expect(Object.values(unitRules).every((words) => words.length > 10)).toBe(true);
  });

  test('[UC3] a unit that could be misread is taken as UCUM reads it, and described so', () => {
    expect(describe('pH')).toBe('(picohenry)');
    expect(describe('ft')).toBe('(femtometric ton)');
    expect(describe('cd')).toBe('(candela)');
    expect(describe('Pa')).toBe('(pascal)');
    expect(convert('1', 'dar', 'm2')).toMatchObject({ value: '10' });
  });

  test('[UC4] length and depth are bounded, and a flood of texts is answered', () => {
    expect(refused('m'.repeat(201))).toBe('too-long 200');
    expect(refused(`${'('.repeat(33)}m${')'.repeat(33)}`)).toBe('parenthesis 33');
    expect(refused(`${'('.repeat(32)}m${')'.repeat(32)}`)).toBe('valid');
    const before = process.cpuUsage();
    for (let at = 0; at < 20_000; at++) isValidUnit(`m${at}.s{${at}}/${at + 1}`);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});

suite('values', () => {
  test.each([
    ['98.6 [degF] -> Cel', '37'],
    ['37 Cel -> [degF]', '98.6'],
    ['-40 Cel -> [degF]', '-40'],
    ['120 mm[Hg] -> kPa', '15.99864'],
    ['5.40 mg/dL -> mg/dL', '5.40'],
    ['5.40 mg/dL -> g/L', '0.054'],
    ['4.5 10*3/uL -> 10*9/L', '4.5'],
    ['4.5 {cells}/uL -> 10*6/L', '4.5'],
    ['0.1 g -> mg', '100'],
    ['180 [lb_av] -> kg', '81.6466266'],
    ['71 [in_i] -> cm', '180.34'],
    ['1 [foz_us] -> mL', '29.5735295625'],
    ['2 [diop] -> m-1', '2'],
    ['100 %[slope] -> deg', '45'],
    ['3 /m.s -> s/m', '3'],
    ['1 Oe -> A/m', '79.57747154594766788444188168625718'],
    ['1 [mu_0] -> N/A2', '0.00000125663706143591729538505735331180115367886775975004232838997783692'],
    ['20 dB -> 1', '100'],
    ['3 bit_s -> 1', '8'],
    ["2 [hp'_C] -> 1", '0.0001'],
    ['7 [pH] -> nmol/L', '100'],
    ['100 nmol/L -> [pH]', '7'],
    ['1e-30 mol -> fmol', '1e-15'],
    ['1 [iU]/L -> m[IU]/mL', '1'],
    ['60 U/L -> ukat/L', '1'],
    ['12345678901234567890.123456789 g -> kg', '12345678901234567.890123456789'],
    ['1 m -> [ft_us]', '3.280833333333333333333333333333333'],
    ['1 [lb_av]/[gal_us] -> kg/L', '0.1198264273168966285439132558055142'],
  ])('[UC5] %s', (line, value) => {
    expect(converted(line)).toBe(value);
  });

  test('[UC6] how exact a value is', () => {
    expect(convert('1', 'm', '[ft_i]')).toMatchObject({ exactness: 'rounded' });
    expect(convert('1', '[ft_i]', 'm')).toEqual({ value: '0.3048', unit: 'm', exactness: 'exact' });
    expect(convert('7.4', '[pH]', 'mol/L')).toMatchObject({ exactness: 'approximate' });
    expect(convert(0.1, 'kg', 'g')).toMatchObject({ value: '100', exactness: 'exact' });
  });

  test.each([
    ['5 mmol/L -> mg/dL', 'needs-analyte'],
    ['90 mg/dL -> mmol/L', 'needs-analyte'],
    ['2 meq/L -> mmol/L', 'needs-analyte'],
    ['290 mosm/kg -> mmol/kg', 'needs-analyte'],
    ['48 mmol/mol -> %', 'needs-analyte'],
    ['1 mol -> 10*23', 'needs-analyte'],
    ['10 [iU]/L -> U/L', 'arbitrary'],
    ['10 [iU] -> mg', 'arbitrary'],
    ["1 [iU] -> [USP'U]", 'arbitrary'],
    ['1 [CFU]/mL -> /mL', 'arbitrary'],
    ['1 m -> s', 'different-dimension'],
    ['1 mmol/L -> s', 'different-dimension'],
    ['1 g/L -> /L', 'different-dimension'],
    ['1 mmHg -> kPa', 'unknown-unit'],
    ['1 kPa -> mmHg', 'unknown-unit'],
    ['1,5 g -> kg', 'bad-value'],
    ['<5 g -> kg', 'bad-value'],
    ['NaN g -> kg', 'bad-value'],
    ['1e999 g -> kg', 'bad-value'],
    ['1 Ym99 -> m99', 'out-of-range'],
    ['-1 [m/s2/Hz^(1/2)] -> m2/s4/Hz', 'out-of-range'],
    ['0 nmol/L -> [pH]', 'out-of-range'],
    ['9999 B -> 1', 'out-of-range'],
  ])('[UC7] %s is refused: %s', (line, why) => {
    expect(converted(line)).toBe(why);
  });

  test('[UC8] canonical forms', () => {
    expect(canonical('120', 'mm[Hg]')).toEqual({ value: '15998640', unit: 'g.m-1.s-2', exactness: 'exact' });
    expect(canonical('37', 'Cel')).toMatchObject({ value: '310.15', unit: 'K' });
    expect(canonical('5.4', 'mmol/L')).toMatchObject({ value: '5.4', unit: 'mol.m-3' });
    expect(canonical('48', 'mmol/mol')).toMatchObject({ value: '0.048', unit: 'mol.mol-1' });
    expect(canonical('3', 'm[iU]/mL')).toMatchObject({ value: '3000', unit: '[iU].m-3' });
    expect(canonical('50', '%')).toMatchObject({ value: '0.5', unit: '1' });
    expect(canonical('1', 'mmHg')).toBeUndefined();
    expect(canonical('', 'mg')).toBeUndefined();
  });

  test('[UC9] what can be compared, and how', () => {
    const compared = (line: string) => {
      const [a = '', one = '', b = '', other = ''] = line.split(' ');
      return compareQuantities({ value: a, unit: one }, { value: b, unit: other });
    };
    expect(compared('5.40 mg 5.4 mg')).toBe('equal');
    expect(compared('1 g 1000 mg')).toBe('equal');
    expect(compared('1 g 1001 mg')).toBe('less');
    expect(compared('98.7 [degF] 37 Cel')).toBe('greater');
    expect(compared('0.3 g 300.0000000000000000000000000001 mg')).toBe('less');
    expect(compared('7.4 [pH] 7.3 [pH]')).toBe('greater');
    expect(compared('7 [pH] 100 nmol/L')).toBe('equal');
    expect(compared('5 mmol/L 90 mg/dL')).toBe('incomparable');
    expect(compared('1 mmHg 1 mmHg')).toBe('incomparable');
    expect(compared('x mg 1 mg')).toBe('incomparable');
    expect(compared('1 /m.s 2 /m.s')).toBe('less');
    expect(compared('0 dB[SPL] 20 uPa')).toBe('equal');
    expect(commensurable('mg/dL', 'g/L')).toBe(true);
    expect(commensurable('mg/dL', 'mmol/L')).toBe(false);
    expect(commensurable('mg', 'nonsense')).toBe(false);
  });

  test('[UC10] products and quotients', () => {
    expect(multiply({ value: '1.5', unit: 'g' }, { value: 2, unit: 'm' })).toMatchObject({
      value: '3',
      unit: 'g.m',
    });
    expect(divide({ value: 1, unit: 'mg' }, { value: 4, unit: 'L' })).toMatchObject({
      value: '0.25',
      unit: 'g.m-3',
    });
    expect(divide({ value: 1, unit: 'mg' }, { value: 0, unit: 'L' })).toEqual({ why: 'out-of-range' });
    expect(multiply({ value: 1, unit: 'nonsense' }, { value: 0, unit: 'L' })).toEqual({
      why: 'unknown-unit',
    });
  });

  test('[UC11] a unit in words', () => {
    expect(describe('mg/dL')).toBe('(milligram) / (deciliter)');
    expect(describe('/L')).toBe('1 / (liter)');
    expect(describe('{cells}/uL')).toBe('{cells} / (microliter)');
    expect(describe('mg{creat}/(24.h)')).toBe('(milligram) {creat} / (24 * (hour))');
    expect(describe('mm Hg')).toBe('mm Hg');
  });
});
