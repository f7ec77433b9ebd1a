import type { Step } from './expression.ts';
import type { CodeSystemsOf, Definition, DefinitionElement, DefinitionType } from './sources.ts';

/** Where a path has led: elements by their JSON names with filters, and the type of what stands there. */
export interface Place {
  /** `telecom[system=email]`, `extension[url=…]`, `subject<Patient>`, `entry[0]`, `valueQuantity`. */
  readonly steps: readonly string[];
  readonly type: string;
  /** The element's children are those of this path of the definition. */
  readonly at: { readonly definition: Definition; readonly path: string };
  readonly targets: readonly string[];
  readonly systems: readonly string[];
  /** A choice whose type is not chosen yet. */
  readonly choice?: string;
}

/** Follows paths through the structure definitions; a choice becomes one place per type. */
export class Elements {
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #codeSystems: CodeSystemsOf;

  constructor(definitions: ReadonlyMap<string, Definition>, codeSystems: CodeSystemsOf) {
    this.#definitions = definitions;
    this.#codeSystems = codeSystems;
  }

  root(type: string): Place {
    const definition = this.#definition(type);
    return { steps: [], type, at: { definition, path: type }, targets: [], systems: [] };
  }

  follow(from: Place, steps: readonly Step[]): Place[] {
    return steps.reduce<Place[]>((places, step) => this.#step(places, step), [from]);
  }

  #step(places: readonly Place[], step: Step): Place[] {
    switch (step.kind) {
      case 'element':
        return places.flatMap((place) => this.#child(place, step.name));
      case 'as':
        return chosen(places, step.type);
      case 'where':
        if (/[[\]|]/.test(step.value)) throw new Error(`${step.value} can't be written as a filter`);
        return places.map((place) => filtered(place, `[${step.name}=${step.value}]`));
      case 'resolves':
        return places.map((place) => ({ ...filtered(place, `<${step.type}>`), targets: [step.type] }));
      case 'index':
        return places.map((place) => filtered(place, `[${step.index}]`));
      case 'present-not-false':
        return [presentNotFalse(places)];
    }
  }

  #child(place: Place, name: string): Place[] {
    const { definition, path } = this.#inside(place);
    const plain = definition.elements.get(`${path}.${name}`);
    if (plain) return this.#places(place, plain, name);
    const choice = definition.elements.get(`${path}.${name}[x]`);
    if (!choice) throw new Error(`${path} has no ${name}`);
    return this.#places(place, choice, name, true);
  }

  #places(from: Place, element: DefinitionElement, name: string, choice = false): Place[] {
    const referred = element.contentReference?.replace(/^#/, '');
    const definition = this.#inside(from).definition;
    const types: readonly DefinitionType[] = referred
      ? [{ code: 'BackboneElement', targets: [] }]
      : element.types;
    return types.map((type) => ({
      steps: [...from.steps, choice ? `${name}${type.code[0]?.toUpperCase()}${type.code.slice(1)}` : name],
      type: type.code,
      at: { definition, path: referred ?? element.path },
      targets: type.targets,
      systems: type.code === 'code' ? this.#codeSystems(element.requiredValueSet) : [],
      ...(choice ? { choice: name } : {}),
    }));
  }

  /** The definition that has the children: the resource's own for a backbone element, else the datatype's. */
  #inside({ type, at }: Place): { definition: Definition; path: string } {
    if (type === 'BackboneElement' || type === 'Element' || at.path === type) return at;
    return { definition: this.#definition(type), path: type };
  }

  #definition(type: string): Definition {
    const definition = this.#definitions.get(type);
    if (!definition) throw new Error(`no StructureDefinition ${type}`);
    return definition;
  }
}

/** `as` narrows a choice; on an element of one type it must name this type. R4 writes `value.as(DateTime)` for dateTime. */
function chosen(places: readonly Place[], type: string): Place[] {
  const fitting = places.filter((place) => place.type.toLowerCase() === type.toLowerCase());
  if (fitting.length === 0) throw new Error(`${places.map(({ steps }) => steps.join('.'))} is never ${type}`);
  return fitting;
}

function filtered(place: Place, filter: string): Place {
  const last = place.steps.at(-1) ?? '';
  return { ...place, steps: [...place.steps.slice(0, -1), `${last}${filter}`] };
}

function presentNotFalse(places: readonly Place[]): Place {
  const [first] = places;
  if (!first || places.some(({ steps }) => steps.length !== 1))
    throw new Error('only elements of the resource itself');
  return { ...first, steps: [places.map(({ steps }) => steps[0]).join(',')], type: 'present-not-false' };
}
