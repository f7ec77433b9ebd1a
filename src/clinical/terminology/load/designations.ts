import type { Designation } from '../../../standards/terminology/index.ts';

/** A use that the header lists, by its place there, else itself; and the language, where there is one. */
type Stored = readonly [value: string, use?: number | Designation['use'] | null, language?: string];

/** Designations as they are stored, short because there are millions; null where there is none. */
export function storedDesignations(
  designations: readonly Designation[] | undefined,
  uses: readonly Designation['use'][],
): string | null {
  if (!designations || designations.length === 0) return null;
  let text = '';
  for (const { value, use, language } of designations) {
    const listed = use === undefined ? -1 : uses.indexOf(use);
    const stored = use === undefined ? 'null' : listed === -1 ? JSON.stringify(use) : String(listed);
    text += `${text === '' ? '[' : ','}[${JSON.stringify(value)},${stored}${language === undefined ? '' : `,${JSON.stringify(language)}`}]`;
  }
  return `${text}]`;
}

export function readDesignations(
  stored: string | null,
  uses: readonly Designation['use'][] = [],
): Designation[] {
  if (stored === null) return [];
  return (JSON.parse(stored) as Stored[]).map(([value, given, language]) => {
    const use = typeof given === 'number' ? uses[given] : (given ?? undefined);
    return { value, ...(use === undefined ? {} : { use }), ...(language === undefined ? {} : { language }) };
  });
}
