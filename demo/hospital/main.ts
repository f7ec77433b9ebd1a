/**
 * The simulated hospital, a process of its own: sends its days over MLLP, one message after the other, and takes the notes and
 * charges of virtual visits over MLLP. demo/README.md has arguments and the lines on standard output.
 */
import {
  type CommandLine,
  hostAndPort,
  positiveNumber,
  readArguments,
  reportToStdout,
  runProcess,
  UsageError,
  wholeNumber,
} from '../process/index.ts';
import { runHospital } from './hospital.ts';

const commandLine = {
  command: 'demo-hospital',
  summary: 'A simulated hospital: ADT, ORU and SIU out, MDM and DFT in, over MLLP.',
  arguments: {
    engine: { value: 'HOST:PORT', help: "the engine's MLLP address", otherwise: '127.0.0.1:2575' },
    host: { value: 'HOST', help: 'address to listen on', otherwise: '127.0.0.1' },
    listen: { value: 'PORT', help: 'port, or the next free one; 0 for any', otherwise: '2576' },
    home: {
      value: 'DIR',
      help: 'where it keeps its position and what it got',
      otherwise: '.isthmus/demo/hospital',
    },
    seed: { value: 'N', help: 'makes up people and days', otherwise: '1', env: 'ISTHMUS_DEMO_SEED' },
    date: {
      value: 'YYYY-MM-DD',
      help: 'first simulated day, when the seed is new here; default today',
      otherwise: '',
    },
    pace: { value: 'N', help: 'messages a second; 0 for as fast as they are acknowledged', otherwise: '2' },
    days: { value: 'N', help: 'days to send in all, then only listen; 0 for no end', otherwise: '0' },
    'ack-timeout': {
      value: 'SECONDS',
      help: 'wait for an acknowledgment before sending again',
      otherwise: '10',
    },
    'retry-pause': { value: 'SECONDS', help: 'longest pause between two tries', otherwise: '2' },
  },
} satisfies CommandLine<string>;

await runProcess(async (signal) => {
  const read = readArguments(commandLine, process.argv.slice(2), process.env);
  if ('help' in read) return void process.stdout.write(read.help);
  const { values } = read;
  await runHospital(
    {
      engine: hostAndPort('engine', values.engine),
      host: values.host,
      port: wholeNumber('listen', values.listen, { min: 0, max: 65_535 }),
      home: values.home,
      seed: wholeNumber('seed', values.seed, { min: 0, max: 2_147_483_647 }),
      firstDate: calendarDate(values.date),
      pace: positiveNumber('pace', values.pace, 100_000),
      days: wholeNumber('days', values.days, { min: 0, max: 100_000 }),
      ackLimitMs: positiveNumber('ack-timeout', values['ack-timeout'], 3_600) * 1000,
      mostRetryMs: positiveNumber('retry-pause', values['retry-pause'], 3_600) * 1000,
      report: reportToStdout,
    },
    signal,
  );
});

function calendarDate(text: string): string {
  if (text === '') return new Date().toISOString().slice(0, 10);
  const time = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text))
    return text;
  throw new UsageError(`--date must be a day as YYYY-MM-DD, not "${text}"`);
}
