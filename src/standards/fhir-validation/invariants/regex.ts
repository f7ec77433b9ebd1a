const compiled = new Map<string, RegExp>();

/** A regular expression of an invariant; they come from definitions, not from resources, so there are few of them. */
export function compileRegex(form: string): RegExp {
  const present = compiled.get(form);
  if (present) return present;
  const made = new RegExp(form, 's');
  compiled.set(form, made);
  return made;
}
