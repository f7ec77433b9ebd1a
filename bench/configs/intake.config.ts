/** Intake alone: everything is accepted and planned, and goes nowhere. */
import { channel, defineConfig, ehr, event, mllp, system } from 'isthmus';

export default defineConfig({
  systems: {
    hospital: ehr({ authority: '2.16.840.1.113883.19.5' }),
    nobody: system({ mllp: { host: '127.0.0.1', port: 9 } }),
  },
  channels: [
    channel('intake', {
      from: mllp({ port: Number(process.env.MLLP_PORT), system: 'hospital' }),
      to: [mllp('nobody', { only: event('Z99') })],
    }),
  ],
});
