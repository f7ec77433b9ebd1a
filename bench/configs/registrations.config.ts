/** Registrations of two systems into one record. */
import { channel, defineConfig, ehr, mllp, record } from 'isthmus';

export default defineConfig({
  systems: { clinic: ehr({ authority: '2.16.840.1.113883.19.6' }) },
  channels: [
    channel('registrations', {
      from: mllp({ port: Number(process.env.MLLP_PORT), system: 'clinic' }),
      to: [record()],
    }),
  ],
});
