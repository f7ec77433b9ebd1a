/** Results into the record, each with the notifications that it makes for a platform that is away: they are written, not sent. */
import { channel, defineConfig, ehr, mllp, record, secret, telehealth, webhook } from 'isthmus';

export default defineConfig({
  systems: {
    laboratory: ehr({ authority: '2.16.840.1.113883.19.5' }),
    platform: telehealth({
      webhook: {
        url: 'http://127.0.0.1:9/',
        secrets: [secret('BENCH_WEBHOOK_SECRET')],
        allow: [{ host: '127.0.0.1', port: 9, plaintext: true, private: true }],
      },
    }),
  },
  channels: [
    channel('results', {
      from: mllp({ port: Number(process.env.MLLP_PORT), system: 'laboratory' }),
      to: [record(), webhook('platform')],
    }),
  ],
});
