import { z } from 'zod';
import { fileDestinationFields, fileSourceFields } from '../files/options.ts';

/** Options of a directory source. */
export const directorySourceOptions = z.strictObject({ path: z.string().min(1), ...fileSourceFields });
export type DirectorySourceOptions = z.infer<typeof directorySourceOptions>;

/** Options of a directory destination. */
export const directoryDestinationOptions = z.strictObject({
  path: z.string().min(1),
  ...fileDestinationFields,
});
export type DirectoryDestinationOptions = z.infer<typeof directoryDestinationOptions>;
