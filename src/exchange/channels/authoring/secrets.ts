/** A secret named, not written: its value is read when a connector is made, and never shown, logged or hashed into a file. */
export type Secret =
  | { readonly secret: 'environment'; readonly name: string }
  | { readonly secret: 'file'; readonly path: string };

/** The value of an environment variable: `secret('TELEVISIT_WEBHOOK_SECRET')`. */
export const secret = (name: string): Secret => ({ secret: 'environment', name });

/** The content of a file, without its last line end: `secretFile('/run/secrets/key.pem')`. Relative to the configuration. */
export const secretFile = (path: string): Secret => ({ secret: 'file', path });

export function isSecret(value: unknown): value is Secret {
  if (typeof value !== 'object' || value === null || !('secret' in value)) return false;
  return value.secret === 'environment' || value.secret === 'file';
}
