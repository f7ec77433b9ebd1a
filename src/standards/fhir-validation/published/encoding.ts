import type { ElementRule, Structure } from '../../fhir/index.ts';

/** A profile as it is kept in the repository: what follows from the path, and what is as usual, is left out. */
export interface EncodedProfile extends Omit<Structure, 'elements' | 'url' | 'abstract' | 'derivation'> {
  readonly elements: readonly EncodedElement[];
}

type EncodedElement = Partial<Omit<ElementRule, 'path'>> & Pick<ElementRule, 'path'>;

/** The snapshot of a profile; what only describes (summary, must-support, and modifier but for an extension) is not kept. */
export function encodeProfile({
  elements,
  url: _,
  abstract,
  derivation,
  ...head
}: Structure): EncodedProfile {
  if (abstract || derivation !== 'constraint') throw new Error('only profiles are kept like this');
  return { ...head, elements: elements.map(encodeElement) };
}

function encodeElement(rule: ElementRule): EncodedElement {
  const { id, name, choice, array, summary, modifier, mustSupport, min, max, types, invariants, ...rest } =
    rule;
  return {
    ...rest,
    ...(modifier && !rule.path.includes('.') ? { modifier } : {}),
    ...(min > 0 ? { min } : {}),
    ...(max < Number.POSITIVE_INFINITY ? { max } : {}),
    ...(types.length > 0 ? { types } : {}),
    ...(invariants.length > 0 ? { invariants } : {}),
  };
}

export function decodeProfile(url: string, { elements, ...head }: EncodedProfile): Structure {
  return { ...head, url, abstract: false, derivation: 'constraint', elements: elements.map(decodeElement) };
}

function decodeElement(element: EncodedElement): ElementRule {
  const last = element.path.slice(element.path.lastIndexOf('.') + 1);
  const choice = last.endsWith('[x]');
  return {
    ...{ id: element.path, choice, name: choice ? last.slice(0, -'[x]'.length) : last },
    ...{ min: 0, max: Number.POSITIVE_INFINITY, array: false, types: [], invariants: [] },
    ...{ summary: false, modifier: false, mustSupport: false },
    ...element,
  };
}
