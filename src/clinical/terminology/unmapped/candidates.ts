import { type TerminologySource, translateCodings } from '../../../standards/terminology/index.ts';
import { wantedOf } from '../translate/targets.ts';
import type { Candidate, UnmappedCode } from './types.ts';

/**
 * What loaded maps say of codes without deciding it, also read backwards: for a person to review, never to be used as it is. By the id of the
 * code in the list.
 */
export async function candidatesOf(
  source: TerminologySource,
  codes: readonly UnmappedCode[],
): Promise<ReadonlyMap<number, readonly Candidate[]>> {
  const requests = codes.flatMap(({ system, code, element }) => {
    const request = { coding: { system, code }, targets: wantedOf(element).targets };
    return [request, { ...request, reverse: true }];
  });
  const answers = await translateCodings(source, requests);
  return new Map(
    codes.map(({ id }, index) => {
      const matches = answers.slice(index * 2, index * 2 + 2).flatMap((answer) => answer.matches);
      const found = matches.map(
        ({ coding, equivalence, map, why }): Candidate => ({
          ...{ system: coding.system, code: coding.code, equivalence, map },
          ...(coding.display === undefined ? {} : { display: coding.display }),
          ...(why === undefined ? {} : { why }),
        }),
      );
      return [id, uniqueOf(found)];
    }),
  );
}

const uniqueOf = (found: readonly Candidate[]): readonly Candidate[] => [
  ...new Map(found.map((one) => [`${one.system}|${one.code}`, one])).values(),
];
