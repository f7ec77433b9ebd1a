import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listTerminology } from '../../src/clinical/terminology/index.ts';
import { type Kit, openKit } from './kit.ts';

const ICD9 = 'http://hl7.org/fhir/sid/icd-9-cm';
const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';

let kit: Kit;
beforeAll(async () => {
  kit = await openKit();
});
afterAll(() => kit.drop());

describe('loading', () => {
  test('a GEM', async () => {
    const path = await kit.folder({
      '2018_I9gem.txt': ['25000 E119    10000', '0010  A000    00000', 'E9999 NoDx    11000', '24202 M8602   10111', ''].join('\n'),
    });
    const report = await kit.load('gem', path);
    expect(report).toMatchObject({ outcome: 'loaded', findings: [], targets: [{ count: 4, version: '2018' }] });
    const source = await kit.terminology.source();
    const [map] = await source.conceptMaps({ sourceSystem: ICD9, targetSystem: ICD10 });
    const rows = await map!.rows(ICD9, ['250.00', '001.0', 'E999.9', '242.02', '999']);
    expect(rows.get('250.00')).toEqual([
      {
        source: { system: ICD9, code: '250.00' },
        target: { system: ICD10, code: 'E11.9' },
        equivalence: 'inexact',
        gem: { isApproximate: true, isNoMap: false, isCombination: false, scenario: 0, choiceList: 0 },
      },
    ]);
    expect(await kit.load('gem', path)).toMatchObject({ outcome: 'unchanged' });
    expect(await listTerminology(kit.database)).toMatchObject([{ state: 'ready', isCurrent: true, rows: 4 }]);
  });
});
