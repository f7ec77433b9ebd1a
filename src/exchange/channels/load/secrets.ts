import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Options, OptionValue } from '../authoring/index.ts';
import { isSecret, type Secret } from '../authoring/secrets.ts';

export interface SecretPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder?: string | undefined;
}

export type MissingSecret = (path: readonly (string | number)[], rule: string) => void;

/** The options with every secret's value in its place. A secret that is not there is reported and stands as an empty text. */
export function withSecrets(
  options: Options,
  places: SecretPlaces,
  missing: MissingSecret,
): Record<string, unknown> {
  const replace = (value: OptionValue, path: readonly (string | number)[]): unknown => {
    if (isSecret(value)) return read(value, places, (rule) => missing(path, rule));
    if (Array.isArray(value)) return value.map((part: OptionValue, index) => replace(part, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, replace(part, [...path, name])]),
    );
  };
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, replace(value, [name])]));
}

function read(secret: Secret, places: SecretPlaces, missing: (rule: string) => void): string {
  if (secret.secret === 'environment') {
    const value = places.environment[secret.name];
    if (!value) missing(`the environment variable ${secret.name} is not set`);
    return value ?? '';
  }
  try {
    return readFileSync(resolve(places.folder ?? '.', secret.path), 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    missing(`the secret's file cannot be read: ${why}`);
    return '';
  }
}

const secretNames = /(secrets?|password|passphrase|token|apikey|api_key|authorization)$/i;

/** A secret written into the configuration, by the name of its option or by its own form. */
export function looksLikeSecret(name: string, value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  return (
    secretNames.test(name) || value.startsWith('whsec_') || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value)
  );
}
