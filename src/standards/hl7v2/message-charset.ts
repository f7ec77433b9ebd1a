import { type Charset, charsetOf } from './charsets.ts';
import type { Delimiters } from './delimiters.ts';
import { Hl7Error } from './errors.ts';
import { unescapeBytes } from './escapes.ts';

interface Declaration {
  /** MSH-18 as it stands: the default set, then alternates. */
  readonly declared: string;
  readonly delimiters: Delimiters;
  readonly defaultCharset: string | undefined;
}

/**
 * The set that a message's bytes are in: the first repetition of MSH-18, or the caller's default when it is empty, or
 * ASCII. Further repetitions are alternates that ISO 2022 escape bytes would switch to; none is read here, so a message
 * that declares one and uses it (has an ESC byte) is refused before its delimiters are taken for text or text for delimiters.
 */
export function messageCharset(bytes: Buffer, declaration: Declaration): Charset {
  const [main = '', ...alternates] = declaration.declared.split(
    String.fromCharCode(declaration.delimiters.repetition),
  );
  if (alternates.some((label) => label !== '') && bytes.includes(ESC)) {
    throw new Hl7Error('HL7_UNSUPPORTED_CHARSET', {
      location: 'MSH^1^18^2',
      rule: 'no switching of sets within a message',
    });
  }
  if (main !== '') return charsetOf(unescapedLabel(main, declaration.delimiters));
  return charsetOf(declaration.defaultCharset ?? '', 'defaultCharset');
}

/** The `/` of `8859/1` is escaped in a message that has it as a delimiter. */
function unescapedLabel(label: string, delimiters: Delimiters): string {
  const bytes = Buffer.from(label, 'latin1');
  return unescapeBytes(bytes, { from: 0, to: bytes.length }, delimiters).toString('latin1');
}

const ESC = 0x1b;
