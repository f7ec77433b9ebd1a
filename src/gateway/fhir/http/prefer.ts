import type { Preference } from '../interaction.ts';

const defaults: Preference = { return: 'representation', handling: 'lenient', async: false };

/** The header Prefer (http.html#prefer; RFC 7240). What is not known is ignored, as the RFC wants it; of two the first counts. */
export function preferenceOf(header: string | undefined): Preference {
  if (header === undefined) return defaults;
  const found = new Map<string, string>();
  for (const part of header.split(/[,;]/)) {
    const [name = '', value = ''] = part.split('=', 2).map((text) => text.trim());
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, value.replaceAll('"', ''));
  }
  const wanted = found.get('return');
  const isKnown = wanted === 'minimal' || wanted === 'representation' || wanted === 'OperationOutcome';
  return {
    return: isKnown ? wanted : defaults.return,
    handling: found.get('handling') === 'strict' ? 'strict' : 'lenient',
    async: found.has('respond-async'),
  };
}
