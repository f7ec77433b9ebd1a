const compiled = new Map<string, RegExp>();

/** A regular expression of an invariant; they come from definitions, not from resources, so there are few of them. */
export function compileRegex(form: string, flags: 's' | 'gs' = 's'): RegExp {
  const key = `${flags} ${form}`;
  const present = compiled.get(key);
  if (present) return present;
  const made = new RegExp(form, flags);
  compiled.set(key, made);
  return made;
}
