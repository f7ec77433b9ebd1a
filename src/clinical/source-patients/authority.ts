/** How assigning authorities are named at this site. */
export interface AuthorityRules {
  /** Taken when PID-3.4 is empty: the declared authority of the sender. */
  readonly defaultAuthority?: string;
  /** Local namespace (HD-1) to the universal id it stands for, so that `HOSP` and `HOSP&1.2.3&ISO` are one authority. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** HD: HD-1 namespace, HD-2 universal id. */
export interface AuthorityParts {
  readonly namespace: string;
  readonly universalId: string;
}

/**
 * One name for an assigning authority: its universal id where it has one, or else what its namespace stands for, or else the
 * namespace itself. Empty when the sender named none. (HL7 v2.5.1, 2.A.33 HD.)
 */
export function authorityOf(parts: AuthorityParts, rules: AuthorityRules): string {
  const universalId = clean(parts.universalId).replace(/^urn:(oid|uuid):/i, '');
  if (universalId !== '') return universalId;
  const namespace = clean(parts.namespace);
  const { aliases = {} } = rules;
  return Object.hasOwn(aliases, namespace) ? (aliases[namespace] ?? namespace) : namespace;
}

/** NUL can't be part of a name, and no database text holds it. */
const clean = (text: string): string => text.replaceAll('\0', '').trim();

const LOCAL = 'urn:isthmus:authority:';
const OID = /^[0-2](\.(0|[1-9]\d*))+$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const URI = /^(https?|urn):\S+$/i;

/** The FHIR `Identifier.system` of an authority: `urn:oid:`, `urn:uuid:`, a URI as it is, or a URN of ours for a local namespace. */
export function authoritySystem(authority: string): string {
  if (OID.test(authority)) return `urn:oid:${authority}`;
  if (UUID.test(authority)) return `urn:uuid:${authority.toLowerCase()}`;
  if (URI.test(authority)) return authority;
  return `${LOCAL}${encodeURIComponent(authority)}`;
}

/** What an authority of this `Identifier.system` may be called here: the other way round of `authoritySystem`. */
export function authoritiesOf(system: string): string[] {
  const names = [system, system.replace(/^urn:(oid|uuid):/i, '')];
  if (system.startsWith(LOCAL)) names.push(decoded(system.slice(LOCAL.length)));
  return [
    ...new Set([
      ...names,
      ...names.map((name) => name.toUpperCase()),
      ...names.map((name) => name.toLowerCase()),
    ]),
  ];
}

/** The authority of this `Identifier.system`, so that `authoritySystem` gives it back; undefined for a system that is none of an authority. */
export function authorityNamed(system: string): string | undefined {
  const oidOrUuid = /^urn:(oid|uuid):/i.exec(system);
  const name = oidOrUuid
    ? system.slice(oidOrUuid[0].length)
    : system.startsWith(LOCAL)
      ? decoded(system.slice(LOCAL.length))
      : system;
  const found = authoritySystem(name);
  return found === system || (oidOrUuid && found.toLowerCase() === system.toLowerCase()) ? name : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
