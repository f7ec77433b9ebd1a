import { backlog, channel, defineConfig, ehr, event, filter, mllp, system, transform } from 'isthmus';

/** A hospital's registrations go to a laboratory as they are, and to a behavioural clinic without what it has no need to know. */
export default defineConfig({
  systems: {
    general: ehr({ authority: '2.16.840.1.113883.19.5' }),
    lab: system({ mllp: { host: '127.0.0.1', port: 2600 } }),
    clinic: system({ trust: 'outside', mllp: { host: '127.0.0.1', port: 2601 } }),
  },
  channels: [
    channel('adt', {
      from: mllp({ port: 2575 }),
      steps: [filter(event('ADT'))],
      to: [
        mllp('lab'),
        mllp('clinic', {
          only: event('A04', 'A08'),
          steps: [
            transform((message) => {
              message.remove('PID-19');
              message.remove('PID-11');
            }),
          ],
        }),
      ],
    }),
  ],
  alerts: [backlog('lab').above(500)],
});
