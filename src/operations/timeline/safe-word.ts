const longest = 80;

/**
 * What may stand in a line: a type, a reference, a code or a name of the configuration. Whatever else somebody sent in such a place
 * (a patient's name in MSH-9, terminal escapes) becomes `?`.
 */
export function safeWord(text: string): string {
  const word = text.trim();
  return word.length <= longest && /^[A-Za-z0-9_.:^/>#-]*$/.test(word) ? word : '?';
}
