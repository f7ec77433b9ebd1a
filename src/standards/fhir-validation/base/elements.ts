import { isObject, type JsonObject } from '../json.ts';
import { datatypeChecks } from './datatypes.ts';
import { noteImages, noteInternal } from './references.ts';
import { type Property, rulesOf, type TypeRules } from './rules.ts';
import { ABSOLUTE, checkInvariants, MAX_DEPTH, type ResourceScope, type Run } from './run.ts';

/**
 * The content of a JSON object by the rules of its type: known elements only, each of the right kind and often enough, one type of a choice,
 * nothing empty.
 */
export function checkObject(run: Run, scope: ResourceScope, object: JsonObject, rules: TypeRules): void {
  const { report } = run;
  const names = Object.keys(object);
  if (names.length === 0) report.error('invalid', 'ele-1: an object must not be empty');
  else if (run.depth >= MAX_DEPTH) report.error('too-long', `nested more than ${MAX_DEPTH} deep`);
  else {
    run.depth += 1;
    checkNames(run, scope, { object, names, rules });
    for (const { element, names: accepted } of rules.required)
      if (!accepted.some((name) => object[name] !== undefined))
        report.error('required', 'the element is required', element);
    run.depth -= 1;
  }
}

interface Named {
  readonly object: JsonObject;
  readonly names: readonly string[];
  readonly rules: TypeRules;
}

function checkNames(run: Run, scope: ResourceScope, { object, names, rules }: Named): void {
  let choices: Map<string, string> | undefined;
  for (const name of names) {
    if (run.report.full) return;
    const property = rules.properties.get(name) ?? primitiveBeside(name, rules);
    if (!property) {
      if (!isTypeName(name, rules))
        run.report.error('structure', unknownElement(name), isElementName(name) ? name : undefined);
      continue;
    }
    if (property.choice) choices = checkChoice(run, property, choices ?? new Map());
    run.report.path.push(property.place);
    if (property.name === name) checkProperty(run, scope, property, object);
    else checkSiblings(run, scope, property, object);
    run.report.path.pop();
    if (name === 'id' && rules.kind !== 'resource') checkElementId(run, scope, object.id);
  }
}

/** R4 element.html#id: unique within the resource; a snapshot and a differential repeat each other's. */
function checkElementId({ report }: Run, scope: ResourceScope, id: unknown): void {
  if (typeof id !== 'string' || scope.resource.resourceType === 'StructureDefinition') return;
  scope.elementIds ??= new Set();
  if (scope.elementIds.has(id)) report.error('invalid', 'must be unique within the resource', 'id');
  else scope.elementIds.add(id);
}

/** The primitive element that `_birthDate` belongs to. */
function primitiveBeside(name: string, rules: TypeRules): Property | undefined {
  const property = name.startsWith('_') ? rules.properties.get(name.slice(1)) : undefined;
  return property?.format ? property : undefined;
}

const isTypeName = (name: string, rules: TypeRules): boolean =>
  name === 'resourceType' && rules.kind === 'resource';

const isElementName = (name: string): boolean => /^_?[a-z][A-Za-z0-9]{0,40}$/.test(name);

const unknownElement = (name: string): string =>
  isElementName(name) ? 'the type has no such element' : 'the type has no element of a name that was given';

function checkChoice(
  run: Run,
  { element, name }: Property,
  chosen: Map<string, string>,
): Map<string, string> {
  const before = chosen.get(element);
  if (before !== undefined && before !== name)
    run.report.error('structure', 'only one type may be chosen', element);
  return chosen.set(element, name);
}

function checkProperty(run: Run, scope: ResourceScope, property: Property, owner: JsonObject): void {
  const { report } = run;
  const value = owner[property.name];
  if (Array.isArray(value) && property.array) checkList(run, scope, property, owner);
  else if (Array.isArray(value)) report.error('structure', 'must not be a JSON array');
  else {
    if (property.array) report.error('structure', 'must be a JSON array');
    checkItem(run, scope, property, value);
  }
}

function checkList(run: Run, scope: ResourceScope, property: Property, owner: JsonObject): void {
  const { report } = run;
  const values = owner[property.name] as readonly unknown[];
  if (values.length === 0) report.error('invalid', 'an array must not be empty');
  if (values.length > property.max) report.error('structure', `at most ${property.max} may be given`);
  for (let index = 0; index < values.length && !report.full; index++) {
    report.path.push(index);
    if (values[index] === null) checkPadding(run, property, owner[`_${property.name}`], index);
    else checkItem(run, scope, property, values[index]);
    report.path.pop();
  }
}

/** R4 json.html#primitive: null only fills the place of a value that has nothing but an id or extensions. */
function checkPadding(run: Run, property: Property, siblings: unknown, index: number): void {
  if (!property.format) run.report.error('structure', 'must not be null');
  else if (!Array.isArray(siblings) || !isObject(siblings[index]))
    run.report.error('structure', 'null stands only for a value that has extensions');
}

function checkItem(run: Run, scope: ResourceScope, property: Property, value: unknown): void {
  if (property.format) checkPrimitive(run, scope, property, value);
  else if (!isObject(value)) run.report.error('structure', 'must be a JSON object');
  else if (property.resource) run.enter(scope, value, property.name === 'contained');
  else checkComplex(run, scope, property, value);
}

function checkComplex(run: Run, scope: ResourceScope, property: Property, value: JsonObject): void {
  const { report } = run;
  const rules = property.rules();
  if (!rules) return;
  const { host } = run;
  run.host = property.host;
  checkObject(run, scope, value, rules);
  run.host = host;
  datatypeChecks.get(rules.name)?.(run, scope, value, property);
  if (hasOnlyId(value)) report.error('invalid', 'ele-1: an element must have a value or children');
  const codes = property.codes();
  if (codes && !codes(value, property.type))
    report.error('code-invalid', 'must have a code of the required value set');
  if (!run.invariants) return;
  checkInvariants(run, scope, rules.invariants(), value);
  checkInvariants(run, scope, property.invariants(), value);
}

function hasOnlyId(value: JsonObject): boolean {
  if (value.id === undefined) return false;
  for (const name in value) if (name !== 'id') return false;
  return true;
}

function checkPrimitive(run: Run, scope: ResourceScope, property: Property, value: unknown): void {
  const { report } = run;
  const fault = property.format?.(value);
  if (fault) report.error('value', fault);
  else if (typeof value === 'string') checkText(run, scope, property, value);
  if (run.invariants && !fault) checkInvariants(run, scope, property.invariants(), value);
}

const HASH = '#'.charCodeAt(0);

function checkText({ report }: Run, scope: ResourceScope, property: Property, text: string): void {
  if (text.charCodeAt(0) === HASH) noteInternal(scope, property.type, text);
  if (property.type === 'xhtml' && scope.contained.size > 0) noteImages(scope, text);
  if (property.absolute && !ABSOLUTE.test(text)) report.error('value', 'must be an absolute URI');
  if (property.maxLength !== undefined && text.length > property.maxLength)
    report.error('too-long', `at most ${property.maxLength} characters`);
  const codes = property.codes();
  if (codes && !codes(text, property.type))
    report.error('code-invalid', 'must be a code of the required value set');
}

/** Ids and extensions of a primitive, beside or instead of its value (R4 json.html#primitive). */
function checkSiblings(run: Run, scope: ResourceScope, property: Property, owner: JsonObject): void {
  const { report } = run;
  const [siblings, value] = [owner[`_${property.name}`], owner[property.name]];
  if (property.array !== Array.isArray(siblings))
    report.error('structure', property.array ? 'must be a JSON array' : 'must not be a JSON array');
  else if (!Array.isArray(siblings))
    checkElement(run, scope, property, { sibling: siblings, valued: value !== undefined });
  else {
    if (siblings.length === 0) report.error('invalid', 'an array must not be empty');
    const values = Array.isArray(value) ? value : [];
    for (const [index, sibling] of siblings.entries()) {
      const valued = values[index] !== undefined && values[index] !== null;
      report.path.push(index);
      if (sibling !== null) checkElement(run, scope, property, { sibling, valued });
      else if (!valued) report.error('structure', 'null stands only beside a value');
      report.path.pop();
    }
  }
}

function checkElement(
  run: Run,
  scope: ResourceScope,
  { host }: Property,
  { sibling, valued }: { readonly sibling: unknown; readonly valued: boolean },
): void {
  const rules = rulesOf('Element');
  if (!isObject(sibling)) run.report.error('structure', 'must be a JSON object');
  else if (rules) {
    const outer = run.host;
    run.host = host;
    checkObject(run, scope, sibling, rules);
    run.host = outer;
    if (!valued && hasOnlyId(sibling))
      run.report.error('invalid', 'ele-1: an element must have a value or children');
  }
}
