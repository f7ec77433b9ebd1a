import { z } from 'zod';
import { fileDestinationFields, fileSourceFields } from '../files/options.ts';

const serverFields = {
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(22),
  username: z.string().min(1),
  password: z.string().min(1).optional(),
  /** PEM or OpenSSH text, or the path of a file with it. */
  privateKey: z.string().min(1).optional(),
  passphrase: z.string().optional(),
  /** The server's host key as `ssh-keygen -lf` shows it. Several while the server changes keys. There is no way to skip it. */
  hostKeys: z
    .array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'SHA256: and 43 characters'))
    .min(1)
    .max(8),
  /** The directory on the server. */
  path: z.string().min(1),
  connectTimeoutMs: z.int().min(100).default(20_000),
  /** The longest a single request to the server may take. */
  operationTimeoutMs: z.int().min(100).default(30_000),
} as const;

const hasCredential = (options: { password?: string | undefined; privateKey?: string | undefined }) =>
  options.password !== undefined || options.privateKey !== undefined;
const credentialRule = { path: ['password'], message: 'password or privateKey' };

const serverShape = z.strictObject(serverFields);
export type SftpServer = z.infer<typeof serverShape>;

/** Options of an SFTP source: those of a directory source, and the server. */
export const sftpSourceOptions = z
  .strictObject({ ...serverFields, ...fileSourceFields })
  .refine(hasCredential, credentialRule);
export type SftpSourceOptions = z.infer<typeof sftpSourceOptions>;

/** Options of an SFTP destination: those of a directory destination, and the server. */
export const sftpDestinationOptions = z
  .strictObject({ ...serverFields, ...fileDestinationFields })
  .refine(hasCredential, credentialRule);
export type SftpDestinationOptions = z.infer<typeof sftpDestinationOptions>;
