/** The 256 characters of a single-byte set, '' where a byte is not assigned, and the way back. */
interface Table {
  readonly characters: readonly string[];
  readonly bytes: ReadonlyMap<number, number>;
}

const tables = new Map<string, Table>();

function tableOf(label: string): Table {
  const known = tables.get(label);
  if (known) return known;
  const decoder = new TextDecoder(label, { fatal: true });
  const characters = Array.from({ length: 256 }, (_, byte) => decodeOne(decoder, byte));
  const bytes = new Map<number, number>();
  characters.forEach((character, byte) => {
    if (character !== '' && isOfTheSet(label, byte)) bytes.set(character.charCodeAt(0), byte);
  });
  const table = { characters, bytes };
  tables.set(label, table);
  return table;
}

function decodeOne(decoder: InstanceType<typeof TextDecoder>, byte: number): string {
  try {
    return decoder.decode(Uint8Array.of(byte));
  } catch {
    return ''; // fatal: the byte is not assigned in this set
  }
}

/**
 * The WHATWG decoders read the C1 range of ISO 8859-1, -9 and -11 as the Windows sets do, which is what senders who
 * label so mean. What we write keeps to the ISO set.
 */
function isOfTheSet(label: string, byte: number): boolean {
  return byte < 0x80 || byte >= 0xa0 || !label.startsWith('iso-8859');
}

/** Text of [from, to) or undefined when a byte is not assigned. */
export function decodeSingleByte(
  label: string,
  bytes: Buffer,
  range: { from: number; to: number },
): string | undefined {
  const { characters } = tableOf(label);
  const utf16 = Buffer.allocUnsafe((range.to - range.from) * 2);
  for (let at = range.from, out = 0; at < range.to; at++, out += 2) {
    const character = characters[bytes[at] ?? 0];
    if (character === undefined || character === '') return undefined;
    utf16.writeUInt16LE(character.charCodeAt(0), out);
  }
  return utf16.toString('utf16le');
}

/** Bytes of the text or undefined when a character is not in the set. */
export function encodeSingleByte(label: string, text: string): Buffer | undefined {
  const { bytes } = tableOf(label);
  const out = Buffer.allocUnsafe(text.length);
  for (let at = 0; at < text.length; at++) {
    const byte = bytes.get(text.charCodeAt(at));
    if (byte === undefined) return undefined;
    out[at] = byte;
  }
  return out;
}
