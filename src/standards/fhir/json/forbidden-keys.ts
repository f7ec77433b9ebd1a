/** Names that reach an object's prototype where an object is copied carelessly; no FHIR element is called so. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
