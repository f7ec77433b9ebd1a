import { type Json, type Structure, structure } from '../../src/standards/fhir/index.ts';

/** As much XML as HL7's test cases need: elements, attributes, texts; no declarations within. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  /** The element as it stands. */
  source: string;
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([\w:-]+)((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g;

export function parseXml(text: string): XmlNode {
  const root: XmlNode = { name: '', attributes: {}, children: [], source: '' };
  const open: { node: XmlNode; from: number }[] = [{ node: root, from: 0 }];
  for (const match of text.matchAll(TOKEN)) {
    const [whole, closing, name, attributes = '', alone] = match;
    if (!name) continue;
    const end = match.index + whole.length;
    if (closing) {
      const ended = open.pop()!;
      ended.node.source = text.slice(ended.from, end);
      continue;
    }
    const node: XmlNode = { name, attributes: attributesOf(attributes), children: [], source: whole };
    open.at(-1)!.node.children.push(node);
    if (!alone) open.push({ node, from: match.index });
  }
  return root;
}

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, name = '', one, other]) => [
      name,
      decoded(one ?? other ?? ''),
    ]),
  );

const ENTITIES: Readonly<Record<string, string>> = {
  apos: "'",
  quot: '"',
  lt: '<',
  gt: '>',
  amp: '&',
  '#10': '\n',
};

/** Runs of white space are one blank, as the cases write the same narrative in different ways. */
const decoded = (text: string): string =>
  text.replace(/&([#\w]+);/g, (whole, name) => ENTITIES[name] ?? whole).replace(/\s+/g, ' ');

/** A resource in FHIR's XML as JSON (R4 xml.html, json.html). */
export function resourceOf(node: XmlNode): Json {
  const described = structure(node.name);
  if (!described) throw new Error(`${node.name} is no resource`);
  return { resourceType: node.name, ...membersOf(node, described, node.name) };
}

function membersOf(node: XmlNode, described: Structure, path: string): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  if (node.attributes.id !== undefined) members.id = node.attributes.id;
  if (node.attributes.url !== undefined) members.url = node.attributes.url;
  for (const child of node.children) {
    const { rule, type } = ruleOf(described, path, child.name);
    const { value, more } = contentOf(child, described, { type, path: rule.contentReference ?? rule.path });
    for (const [name, one] of [
      [child.name, value],
      [`_${child.name}`, more],
    ] as const)
      if (one !== undefined)
        members[name] = rule.array ? [...((members[name] as unknown[]) ?? []), one] : one;
  }
  return members;
}

function ruleOf(described: Structure, path: string, name: string) {
  for (const rule of described.elements) {
    if (rule.path.slice(0, rule.path.lastIndexOf('.')) !== path) continue;
    if (!rule.choice && rule.name === name) return { rule, type: rule.types[0]?.code ?? '' };
    const type = rule.types.find(
      ({ code }) => `${rule.name}${code[0]?.toUpperCase()}${code.slice(1)}` === name,
    );
    if (rule.choice && type) return { rule, type: type.code };
  }
  throw new Error(`${path} has no ${name}`);
}

function contentOf(
  node: XmlNode,
  described: Structure,
  { type, path }: { readonly type: string; readonly path: string },
): { value?: unknown; more?: unknown } {
  if (type === 'xhtml') return { value: decoded(node.source) };
  if (type === 'Resource') return { value: node.children.map(resourceOf)[0] };
  if (described.elements.some((rule) => rule.path.startsWith(`${path}.`)))
    return { value: membersOf(node, described, path) };
  const own = structure(type);
  if (!own) throw new Error(`${path} has no type`);
  if (own.kind !== 'primitive-type') return { value: membersOf(node, own, own.type) };
  const text = node.attributes.value;
  const more = membersOf({ ...node, attributes: {} }, own, own.type);
  return {
    ...(text === undefined ? {} : { value: primitiveOf(type, text) }),
    ...(Object.keys(more).length > 0 ? { more } : {}),
  };
}

function primitiveOf(type: string, text: string): unknown {
  if (type === 'boolean') return text === 'true';
  return ['integer', 'positiveInt', 'unsignedInt', 'decimal'].includes(type) ? Number(text) : text;
}
