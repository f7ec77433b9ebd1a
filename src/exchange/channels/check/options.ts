import type { ZodType } from 'zod';
import type { Options, OptionValue } from '../authoring/index.ts';
import { isSecret } from '../authoring/secrets.ts';
import { looksLikeSecret, withSecrets } from '../load/secrets.ts';
import type { CheckOptions, Report } from './types.ts';

/** Judges options by their kind's own schema, after secrets have been put in; reports at the option that is wrong. */
export function checkOptions(
  options: Options,
  schema: ZodType,
  scope: { place: string; check: CheckOptions; report: Report },
): void {
  const { place, check, report } = scope;
  const missing = new Set<string>();
  const values = withSecrets(
    options,
    { environment: check.environment, folder: check.folder },
    (path, rule) => {
      const at = join(place, path);
      missing.add(at);
      report(at, rule);
    },
  );
  const result = schema.safeParse(values);
  if (result.success) return;
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report(join(place, [...issue.path, key]), 'no such option');
    } else if (!missing.has(join(place, issue.path))) report(join(place, issue.path), issue.message);
  }
}

/** A secret belongs in the environment or a file, never in a configuration that lies in git. */
export function reportInlineSecrets(options: Options, place: string, report: Report): void {
  const visit = (name: string, value: OptionValue, at: string): void => {
    if (isSecret(value)) return;
    if (looksLikeSecret(name, value))
      report(at, "a secret is not written here: secret('NAME') or secretFile('path')");
    if (Array.isArray(value)) {
      for (const [index, part] of value.entries()) visit(name, part, `${at}[${index}]`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [inner, part] of Object.entries(value)) visit(inner, part, `${at}.${inner}`);
    }
  };
  for (const [name, value] of Object.entries(options)) visit(name, value, `${place}.${name}`);
}

function join(place: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => text + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`),
    place,
  );
}
