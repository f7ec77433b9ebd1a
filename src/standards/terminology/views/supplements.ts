import { canonicalOf, nodesOf, textOf } from '../node.ts';
import type { Concept, ConceptProperty, Definition, Designation } from '../types.ts';
import { designationsOf, propertiesOf } from './concepts.ts';

/** Designations and properties that supplements add; a display of a supplement is one more designation, in the supplement's language. */
export function supplemented(
  concepts: readonly Concept[],
  supplements: readonly Definition[],
): readonly Concept[] {
  if (supplements.length === 0) return concepts;
  const added = new Map<string, { designations: Designation[]; properties: ConceptProperty[] }>();
  for (const supplement of supplements) {
    const language = textOf(supplement, 'language');
    const source = canonicalOf(textOf(supplement, 'url') ?? '', textOf(supplement, 'version'));
    const open = [...nodesOf(supplement, 'concept')];
    for (let node = open.pop(); node; node = open.pop()) {
      open.push(...nodesOf(node, 'concept'));
      const [code, display] = [textOf(node, 'code'), textOf(node, 'display')];
      if (code === undefined) continue;
      const to = added.get(code) ?? { designations: [], properties: [] };
      added.set(code, to);
      if (display) to.designations.push({ ...(language ? { language } : {}), value: display, source });
      to.designations.push(...designationsOf(node).map((one) => ({ ...one, source })));
      to.properties.push(...propertiesOf(node));
    }
  }
  return concepts.map((concept) => {
    const more = added.get(concept.code);
    if (!more) return concept;
    const designations = [...concept.designations, ...more.designations];
    return { ...concept, designations, properties: [...concept.properties, ...more.properties] };
  });
}
