import { type TerminologySource, translateCodings } from '../../../standards/terminology/index.ts';
import { ambiguousUnits } from '../../../standards/ucum/index.ts';
import { UNIT_SPELLINGS } from '../translate/find.ts';
import { isUnitSystem, UCUM, wantedOf } from '../translate/targets.ts';
import type { Candidate, UnmappedCode } from './types.ts';

/**
 * What loaded maps say of codes without deciding it, also read backwards, and what an ambiguous unit may be: for a person to review, never to be used as
 * it is. By the id of the code in the list.
 */
export async function candidatesOf(
  source: TerminologySource,
  codes: readonly UnmappedCode[],
): Promise<ReadonlyMap<number, readonly Candidate[]>> {
  const requests = codes.flatMap(({ system, code, element }) => {
    const { targets, isProcedure } = wantedOf(element);
    const request = { coding: { system, code }, targets: [...targets, UCUM], isProcedure };
    return [request, { ...request, reverse: true }];
  });
  const answers = await translateCodings(source, requests);
  return new Map(
    codes.map(({ id, system, code }, index) => {
      const matches = answers.slice(index * 2, index * 2 + 2).flatMap((answer) => answer.matches);
      const found = matches.map(
        ({ coding, equivalence, map, why }): Candidate => ({
          ...{ system: coding.system, code: coding.code, equivalence, map },
          ...(coding.display === undefined ? {} : { display: coding.display }),
          ...(why === undefined ? {} : { why }),
        }),
      );
      return [id, uniqueOf([...found, ...unitReadings(system, code)])];
    }),
  );
}

function unitReadings(system: string, code: string): readonly Candidate[] {
  const { readings = [] } = (isUnitSystem(system) && ambiguousUnits.find(({ text }) => text === code)) || {};
  return readings.map((unit) => ({
    ...{ system: UCUM, code: unit, equivalence: 'relatedto', map: UNIT_SPELLINGS },
    why: 'several-alternatives',
  }));
}

const uniqueOf = (found: readonly Candidate[]): readonly Candidate[] => [
  ...new Map(found.map((one) => [`${one.system}|${one.code}`, one])).values(),
];
