import { z } from 'zod';

const folderName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, 'the name of a folder in the directory');

/** When a file counts as whole. Names that say "not yet" (`.x`, `*.tmp`, `*.part`, `*.filepart`, `*~`) are never taken. */
const wholeRule = z.discriminatedUnion('by', [
  /** Size and modification time have not changed for so long. */
  z.strictObject({ by: z.literal('quiet'), quietMs: z.int().min(0).default(2_000) }),
  /** The sender writes under a temporary name and renames: what has its final name is whole. */
  z.strictObject({ by: z.literal('rename') }),
  /** The sender writes `x.hl7`, then an empty `x.hl7.ok`. */
  z.strictObject({
    by: z.literal('marker'),
    suffix: z
      .string()
      .regex(/^\.[A-Za-z0-9]{1,16}$/)
      .default('.ok'),
  }),
]);
export type WholeRule = z.infer<typeof wholeRule>;

/** What the directory source and the SFTP source have in common. Times in milliseconds, sizes in bytes. */
export const fileSourceFields = {
  /** Names that are taken: `*` stands for any characters. */
  pattern: z.string().min(1).max(128).default('*'),
  whole: wholeRule.default({ by: 'quiet', quietMs: 2_000 }),
  order: z.enum(['name', 'time']).default('name'),
  /** `application/hl7-v2` files may hold one message, several, or a batch (FHS, BHS). Everything else is one message a file. */
  contentType: z.string().min(1).default('application/hl7-v2'),
  /** Takes a BHS without BTS and an FHS without FTS, too; without its trailer a file may be half a file. */
  allowMissingTrailers: z.boolean().default(false),
  /** The character set when MSH-18 is empty; the standard says ASCII. */
  defaultCharset: z.string().min(1).optional(),
  maxFileBytes: z
    .int()
    .min(1)
    .default(200 * 1_048_576),
  /** After all messages of a file are committed: moved to `doneFolder`, or deleted. */
  after: z.enum(['move', 'delete']).default('move'),
  doneFolder: folderName.default('done'),
  failedFolder: folderName.default('failed'),
  scanEveryMs: z.int().min(10).default(5_000),
  /** Files held in mind for one scan. */
  maxFilesPerScan: z.int().min(1).max(100_000).default(1_000),
  drainTimeoutMs: z.int().min(0).default(10_000),
} as const;

const fileSourceShape = z.strictObject(fileSourceFields);
export type FileSourceOptions = z.infer<typeof fileSourceShape>;

const nameTokens = ['key', 'type', 'label', 'correlation'] as const;

/** What the directory destination and the SFTP destination have in common. */
export const fileDestinationFields = {
  /** `{key}` (needed: a repeat must meet the same file), `{type}`, `{label}`, `{correlation}`. */
  fileName: z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9_{][A-Za-z0-9._{}-]*$/, 'letters, digits, dots, hyphens, underscores and {tokens}')
    .refine((template) => template.includes('{key}'), 'must contain {key}')
    .refine((template) => unknownTokens(template).length === 0, `tokens are ${nameTokens.join(', ')}`)
    .default('{key}.hl7'),
} as const;

function unknownTokens(template: string): string[] {
  const known = new Set<string>(nameTokens);
  return (template.match(/\{[^}]*\}?|\}/g) ?? []).filter((token) => !known.has(token.slice(1, -1)));
}
