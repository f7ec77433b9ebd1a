/** The way to the telehealth platform: mapped, written into the record, and a signed notification of what changed. */
import { channel, defineConfig, ehr, identify, mllp, record, secret, telehealth, webhook } from 'isthmus';

const target = new URL(process.env.BENCH_WEBHOOK_URL ?? 'http://127.0.0.1:9/');

export default defineConfig({
  systems: {
    hospital: ehr({ authority: '2.16.840.1.113883.19.5' }),
    platform: telehealth({
      webhook: {
        url: target.href,
        secrets: [secret('BENCH_WEBHOOK_SECRET')],
        allow: [{ host: target.hostname, port: Number(target.port), plaintext: true, private: true }],
      },
    }),
  },
  channels: [
    channel('adt', {
      from: mllp({ port: Number(process.env.MLLP_PORT), system: 'hospital' }),
      steps: [identify()],
      to: [record(), webhook('platform')],
    }),
  ],
});
