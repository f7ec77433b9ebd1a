/**
 * The narrative's XHTML (R4 narrative.html#xhtml, txt-1 and txt-2): one well-formed `div` with basic formatting, tables, links and images, nothing that runs,
 * nothing from elsewhere than where a link or an image points to.
 */
const ELEMENTS = new Set(
  `a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp
  small span strong sub sup table tbody td tfoot th thead tr tt ul var`.split(/\s+/),
);
const ATTRIBUTES = new Set(
  `title style class id lang xml:lang dir accesskey tabindex span width align valign char charoff abbr axis headers scope rowspan colspan`.split(
    /\s+/,
  ),
);
const ATTRIBUTES_OF: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'name', 'charset', 'type', 'hreflang', 'rel', 'rev', 'shape', 'coords'],
  area: ['shape', 'coords', 'href', 'nohref', 'alt'],
  blockquote: ['cite'],
  div: ['xmlns'],
  img: ['src', 'border', 'alt', 'longdesc', 'height', 'usemap', 'ismap'],
  map: ['name'],
  pre: ['space', 'xml:space'],
  q: ['cite'],
  table: ['summary', 'border', 'frame', 'rules', 'cellspacing', 'cellpadding'],
  td: ['nowrap'],
  th: ['nowrap'],
};
const ATTRIBUTE = String.raw`\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*')`;
const TOKEN = new RegExp(
  String.raw`<!--[^]*?-->|<(?<close>/?)(?<name>[A-Za-z][\w:.-]*)(?<attributes>(?:${ATTRIBUTE})*)\s*(?<empty>/?)>|(?<text>[^<&]+|&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);)`,
  'y',
);
const EACH_ATTRIBUTE = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const SCRIPT = /^[\s\0-\x20]*(?:javascript|vbscript|data:text)\b|expression\s*\(|javascript:/i;
const XHTML = 'http://www.w3.org/1999/xhtml';
const MAX_DEPTH = 256;

const MALFORMED = 'txt-1: must be well-formed XHTML with one div around everything';
const EMPTY = 'txt-2: must have a text or an image that is not white space';

/** The rule that the text of `Narrative.div` breaks; undefined when it breaks none. Linear in the text's length. */
export function htmlFault(html: string): string | undefined {
  const open: string[] = [];
  let content = false;
  let rooted = false;
  const trimmed = html.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const token = TOKEN.exec(trimmed)?.groups;
    if (!token) return MALFORMED;
    const { name, text } = token;
    if (text !== undefined) {
      if (open.length === 0 && /\S/.test(text)) return MALFORMED;
      content ||= /\S/.test(text) && text !== '&nbsp;' && text !== '&#160;';
    }
    if (name === undefined) continue;
    const fault = token.close
      ? closingFault(open, name, token.empty)
      : openingFault(name, token.attributes ?? '', { root: open.length === 0, rooted });
    if (fault) return fault;
    rooted = true;
    content ||= name === 'img';
    if (!token.close && !token.empty && open.push(name) > MAX_DEPTH) return 'txt-1: nested too deeply';
  }
  if (open.length > 0 || !rooted) return MALFORMED;
  return content ? undefined : EMPTY;
}

const closingFault = (open: string[], name: string, empty: string | undefined): string | undefined =>
  open.pop() === name && !empty ? undefined : MALFORMED;

function openingFault(
  name: string,
  attributes: string,
  at: { root: boolean; rooted: boolean },
): string | undefined {
  if (at.root && (at.rooted || name !== 'div')) return MALFORMED;
  if (!ELEMENTS.has(name)) return 'txt-1: has an element that a narrative may not have';
  let namespace: string | undefined;
  const seen = new Set<string>();
  for (const [, attribute = '', double, single] of attributes.matchAll(EACH_ATTRIBUTE)) {
    const value = double ?? single ?? '';
    if (seen.has(attribute)) return MALFORMED;
    seen.add(attribute);
    if (attribute === 'xmlns') namespace = value;
    if (!ATTRIBUTES.has(attribute) && !ATTRIBUTES_OF[name]?.includes(attribute) && attribute !== 'xmlns')
      return 'txt-1: has an attribute that a narrative may not have';
    if (SCRIPT.test(value)) return 'txt-1: must not have anything that runs';
  }
  const foreign = namespace === undefined ? at.root : namespace !== XHTML;
  return foreign ? 'txt-1: the div must be in the namespace http://www.w3.org/1999/xhtml' : undefined;
}
