import { startEngine } from '../harness/engine.ts';
import { sendAll } from '../harness/generator.ts';
import { messageTemplate } from '../harness/message.ts';
import { report } from '../harness/report.ts';
import { plainInserts } from '../harness/yardsticks.ts';

/** Acknowledged messages over 32 lock-step connections, relative to plain 100-row inserts of the same bytes. Must: ratio 0.3; aim 0.5. */
export async function intake(full: boolean): Promise<void> {
  const messages = full ? 200_000 : 40_000;
  const template = messageTemplate();
  const engine = await startEngine({ config: 'bench/configs/intake.config.ts' });
  const load = { port: engine.mllpPort, connections: 32, template };
  await sendAll({ ...load, messages: 5_000, firstControl: 0 });
  const value = await sendAll({ ...load, messages, firstControl: 10_000 });
  await engine.stop();
  const yardstick = await plainInserts(template.bytes, messages);
  report({ name: 'intake.32', value, unit: 'msg/s', yardstick, ratio: value / yardstick });
}
