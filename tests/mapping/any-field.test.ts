import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMapped, mapMessage } from '../../src/clinical/mapping/index.ts';
import { previewWrites } from '../../src/clinical/record/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';
import { msh, options, pid, pv1 } from './messages.ts';

const types: Readonly<Record<string, readonly string[]>> = {
  'MDM^T02': ['ORC', 'OBR', 'TXA', 'OBX', 'NTE'],
  'MDM^T10': ['TXA', 'OBX', 'NTE'],
  'DFT^P03': ['ORC', 'OBR', 'FT1', 'NTE', 'PR1', 'DG1', 'IN1', 'OBX'],
  'VXU^V04': ['PD1', 'NK1', 'ORC', 'RXA', 'RXR', 'OBX', 'NTE'],
  'RDE^O11': ['ORC', 'TQ1', 'RXO', 'RXE', 'RXR', 'RXC', 'OBX', 'NTE'],
  'SIU^S14': ['SCH', 'AIS', 'AIG', 'AIL', 'AIP', 'NTE', 'OBX', 'DG1', 'TQ1'],
};

const junk = fc.constantFrom(
  ...[
    '',
    '""',
    '^',
    '~',
    '&',
    'constructor',
    '__proto__',
    '20269999',
    '20260303',
    '1^2^3^4^5',
    'x~y~""',
    '\\X0D\\',
  ],
  ...['999', '998', '-', '-1', 'A', 'D', 'CD', 'UN', 'ED', 'RP', 'PRN', 'Q6H', 'HL70277', '1e400', '\u00e9'],
);

test('[M23] whatever stands in the fields, and in whatever order, nothing throws, all is found again, and findings name places', () => {
  const message = fc.constantFrom(...Object.entries(types)).chain(([type, names]) =>
    fc
      .array(
        fc
          .tuple(fc.constantFrom(...names), fc.array(junk, { maxLength: 36 }))
          .map(([name, fields]) => [name, ...fields].join('|')),
        { maxLength: 14 },
      )
      .map((segments) => [msh(type), pid, pv1(), ...segments]),
  );
  fc.assert(
    fc.property(message, (segments) => {
      const parsed = () => parseMessage(Buffer.from(`${segments.join('\r')}\r`));
      expect(isMapped(parsed().type)).toBe(true);
      const { writes, findings } = mapMessage(parsed(), options);
      expect(mapMessage(parsed(), options).writes).toEqual(writes);
      expect(() => previewWrites(writes)).not.toThrow();
      for (const { place } of findings) expect(place).toMatch(/^[A-Z][A-Z0-9]{2}(\^\d+)*$/);
    }),
    { numRuns: 300 },
  );
});
