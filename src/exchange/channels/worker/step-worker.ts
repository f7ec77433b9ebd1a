/**
 * The thread that runs the functions of a configuration: messages in, results out. It holds no connection, no database, no
 * secret; the owner ends it when a function hangs and starts another.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../authoring/index.ts';
import {
  beatIndex,
  type FromWorker,
  limitIndex,
  runningIndex,
  type StepAnswer,
  type StepBatch,
  type StepRequest,
  stepIndex,
  type WorkerStart,
} from './protocol.ts';
import { runFunctions } from './run-functions.ts';

const port = parentPort;
if (!port) throw new Error('step-worker is started as a worker thread');

const start = workerData as WorkerStart;
const pulse = new Int32Array(start.pulse);
const beat = () => void Atomics.add(pulse, beatIndex, 1);
const post = (message: FromWorker) => port.postMessage(message);

const loaded: { default: Config } = await import(start.module);
const config = loaded.default;

const beatEveryMs = 50;
let underWay = 0;
let answers: StepAnswer[] = [];
setInterval(() => {
  if (underWay > 0) beat();
}, beatEveryMs);

port.on('message', (batch: StepBatch) => void takeOn(batch));
post({ kind: 'ready' });

/** Functions that wait (enrich) run beside each other; those that do not simply run one after the other. */
async function takeOn(batch: StepBatch): Promise<void> {
  underWay += batch.requests.length;
  for (const request of batch.requests) {
    const done = runRequest(request);
    if (batch.alone) await done;
  }
}

async function runRequest(request: StepRequest): Promise<void> {
  const outcome = await runFunctions(config, request, {
    begin(limitMs, step) {
      beat();
      Atomics.store(pulse, stepIndex, step);
      Atomics.store(pulse, limitIndex, limitMs);
      Atomics.store(pulse, runningIndex, request.id);
    },
    end() {
      Atomics.store(pulse, runningIndex, 0);
      beat();
    },
  });
  underWay--;
  answers.push({ id: request.id, outcome });
  if (answers.length === 1) setImmediate(flush);
}

/** Answers of one turn go back together. */
function flush(): void {
  const all = answers;
  answers = [];
  post({ kind: 'answers', answers: all });
}
