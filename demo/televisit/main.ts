/**
 * The simulated telehealth platform, a process of its own: takes the engine's signed notifications, pulls just the resource
 * named, shows it, and posts finished virtual visits back. demo/README.md has arguments and the lines on standard output.
 */
import { readFile } from 'node:fs/promises';
import { authority } from '../population/index.ts';
import {
  type CommandLine,
  readArguments,
  reportToStdout,
  runProcess,
  UsageError,
  wholeNumber,
} from '../process/index.ts';
import { runPlatform } from './platform.ts';

const commandLine = {
  command: 'demo-televisit',
  summary: 'A simulated telehealth platform: webhook in, FHIR pull, visits back.',
  arguments: {
    engine: { value: 'URL', help: "the engine's address", otherwise: 'http://127.0.0.1:8080' },
    'token-file': { value: 'FILE', help: "file with the engine's bearer token", env: 'TELEVISIT_TOKEN_FILE' },
    'secret-file': {
      value: 'FILE',
      help: 'file with the webhook secret (whsec_…)',
      env: 'TELEVISIT_SECRET_FILE',
    },
    host: { value: 'HOST', help: 'address to listen on', otherwise: '127.0.0.1' },
    listen: { value: 'PORT', help: 'port, or the next free one; 0 for any', otherwise: '8090' },
    home: {
      value: 'DIR',
      help: 'where it keeps what it must remember',
      otherwise: '.isthmus/demo/televisit',
    },
    authority: { value: 'OID', help: "the hospital's assigning authority", otherwise: authority },
    'due-after-pulls': {
      value: 'N',
      help: 'a visit is finished N pulls after its booking at the latest',
      otherwise: '25',
    },
  },
} satisfies CommandLine<string>;

await runProcess(async (signal) => {
  const read = readArguments(commandLine, process.argv.slice(2), process.env);
  if ('help' in read) return void process.stdout.write(read.help);
  const { values } = read;
  await runPlatform(
    {
      engine: httpAddress(values.engine),
      tokenFile: values['token-file'],
      secret: await readSecret(values['secret-file']),
      host: values.host,
      port: wholeNumber('listen', values.listen, { min: 0, max: 65_535 }),
      home: values.home,
      authority: values.authority,
      dueAfterPulls: wholeNumber('due-after-pulls', values['due-after-pulls'], { min: 1, max: 1_000_000 }),
      report: reportToStdout,
    },
    signal,
  );
});

function httpAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError(`--engine must be an http or https URL, not "${text}"`);
}

async function readSecret(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    throw new UsageError(`--secret-file cannot be read: ${path}`);
  }
}
