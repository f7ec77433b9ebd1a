import { writeFileSync } from 'node:fs';
import { generateDefinitions } from './generate.ts';

const [root = '.'] = process.argv.slice(2);
for (const [path, text] of generateDefinitions()) {
  writeFileSync(`${root}/${path}`, text);
  process.stdout.write(`${path} ${Math.ceil(text.length / 1000)} kB\n`);
}
