/** MLLP in, committed, MLLP out. BENCH_ORDER is `strict` over one connection or `key` over BENCH_LANES. */
import { channel, defineConfig, ehr, mllp, system } from 'isthmus';

const order = process.env.BENCH_ORDER === 'key' ? 'key' : 'strict';

export default defineConfig({
  systems: {
    hospital: ehr({ authority: '2.16.840.1.113883.19.5' }),
    sink: system({ mllp: { host: '127.0.0.1', port: Number(process.env.BENCH_SINK_PORT) } }),
  },
  channels: [
    channel('relay', {
      from: mllp({ port: Number(process.env.MLLP_PORT), system: 'hospital' }),
      to: [mllp('sink', { order, connections: Number(process.env.BENCH_LANES ?? 1) })],
    }),
  ],
});
