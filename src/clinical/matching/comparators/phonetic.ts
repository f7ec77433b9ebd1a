/**
 * How a name sounds, roughly, in the spellings that registration desks meet (English, Spanish, German, Slavic, transliterated Arabic and
 * Indian names). A key of at most six letters: consonant classes in order, vowels only at the beginning. Not a standard code: it is
 * compared with itself only.
 */
export function soundOf(name: string): string {
  let text = name.length > 24 ? name.slice(0, 24) : name;
  text = start(text);
  let key = '';
  let last = '';
  for (let at = 0; at < text.length && key.length < 6; ) {
    const [code, step] = codeAt(text, at);
    if (code !== '' && code !== last) key += code;
    if (code !== '' || isVowel(text, at)) last = code;
    at += step;
  }
  return key;
}

/** Silent or alike beginnings. */
function start(text: string): string {
  const two = text.slice(0, 2);
  if (two === 'kn' || two === 'gn' || two === 'pn' || two === 'wr' || two === 'ps') return text.slice(1);
  if (two === 'wh') return `w${text.slice(2)}`;
  if (two === 'mc') return `mac${text.slice(2)}`;
  if (text.startsWith('x')) return `s${text.slice(1)}`;
  return text;
}

const VOWELS = 'aeiouy';
const isVowel = (text: string, at: number): boolean => VOWELS.includes(text[at] ?? ' ');

const SINGLE: Readonly<Record<string, string>> = {
  b: 'P',
  p: 'P',
  f: 'F',
  v: 'F',
  w: 'F',
  d: 'T',
  t: 'T',
  l: 'L',
  m: 'M',
  n: 'N',
  r: 'R',
  s: 'S',
  z: 'S',
  k: 'K',
  q: 'K',
  x: 'K',
  j: 'J',
  g: 'K',
  c: 'K',
};

const PAIRS: Readonly<Record<string, string>> = {
  ph: 'F',
  sh: 'X',
  ch: 'X',
  th: 'T',
  dh: 'T',
  kh: 'K',
  bh: 'P',
  gh: 'K',
  zh: 'J',
  ck: 'K',
  cz: 'X',
  ts: 'S',
  tz: 'S',
  dg: 'J',
  dj: 'J',
  ll: 'L',
  qu: 'K',
};

function codeAt(text: string, at: number): readonly [code: string, step: number] {
  const letter = text[at] ?? '';
  if (text.startsWith('sch', at)) return ['X', 3];
  if (text.startsWith('tch', at)) return ['X', 3];
  const pair = PAIRS[text.slice(at, at + 2)];
  if (pair !== undefined) return [letter === 'g' && at > 0 ? '' : pair, 2];
  if (VOWELS.includes(letter))
    return [at === 0 ? (letter === 'y' || letter === 'i' || letter === 'e' ? 'E' : 'A') : '', 1];
  if (letter === 'h') return [at === 0 ? 'H' : '', 1];
  if (letter === 'w' && at > 0) return ['', 1];
  const soft = 'eiy'.includes(text[at + 1] ?? ' ');
  if (letter === 'c') return [soft ? 'S' : 'K', 1];
  if (letter === 'g') return [soft ? 'J' : 'K', 1];
  return [SINGLE[letter] ?? letter, 1];
}
