import { compartments } from './compartments.ts';
import { profiles } from './profiles.ts';
import { searchParameters } from './search-parameters.ts';
import { type Generated, jsonText } from './source.ts';
import { structures } from './structures.ts';
import { terminology } from './terminology.ts';

/** Every generator of definitions; each reads the published ones and makes files of the repository. */
const generators: readonly (() => Generated)[] = [
  structures,
  profiles,
  terminology,
  compartments,
  searchParameters,
];

/** Path in the repository → text of the file. */
export function generateDefinitions(): Map<string, string> {
  const files = new Map<string, string>();
  for (const generate of generators)
    for (const [path, value] of Object.entries(generate())) files.set(path, jsonText(value));
  return files;
}
