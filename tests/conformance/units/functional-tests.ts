import { corpusFiles } from '../corpora.ts';

/** A case of UCUM's functional tests: its attributes, of which `id` is not unique. */
export type Case = Readonly<Record<string, string>>;

export interface FunctionalTests {
  readonly file: string;
  readonly validation: readonly Case[];
  readonly displayNameGeneration: readonly Case[];
  readonly conversion: readonly Case[];
  readonly multiplication: readonly Case[];
  readonly division: readonly Case[];
}

export const functionalTests = (): FunctionalTests[] =>
  corpusFiles('ucum-tests')
    .filter(({ path }) => path.endsWith('.xml'))
    .map(({ path, bytes }) => {
      const xml = bytes.toString('utf8').replace(/<!--[\s\S]*?-->/g, '');
      const section = (name: string) => casesOf(xml, name);
      return {
        file: path,
        validation: section('validation'),
        displayNameGeneration: section('displayNameGeneration'),
        conversion: section('conversion'),
        multiplication: section('multiplication'),
        division: section('division'),
      };
    });

function casesOf(xml: string, section: string): Case[] {
  const body = new RegExp(`<${section}>([\\s\\S]*?)</${section}>`).exec(xml)?.[1] ?? '';
  return [...body.matchAll(/<case\s([^>]*?)\/?>/g)].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        unescaped(value),
      ]),
    ),
  );
}

const unescaped = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&amp;/g, '&');
