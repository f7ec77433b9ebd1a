/**
 * The demo's configuration: a hospital (`general`) and a telehealth platform (`televisit`), joined in both directions.
 * `isthmus start --demo` sets the addresses, because its two simulated systems listen on whatever ports are free.
 */
import {
  backlog,
  channel,
  closeVisit,
  defineConfig,
  disconnected,
  ehr,
  event,
  http,
  identify,
  mllp,
  parked,
  record,
  secret,
  telehealth,
  translate,
  webhook,
} from 'isthmus';

const televisit = new URL('/webhooks/isthmus', process.env.TELEVISIT_URL ?? 'http://127.0.0.1:8090');

export default defineConfig({
  systems: {
    general: ehr({
      authority: '2.16.840.1.113883.19.5',
      mllp: { host: '127.0.0.1', port: Number(process.env.HOSPITAL_MLLP_PORT ?? 2576) },
    }),
    televisit: telehealth({
      webhook: {
        url: televisit.href,
        secrets: [secret('TELEVISIT_SECRET')],
        // The platform of the demo runs on this machine, without TLS. A real one is https and needs no such line.
        allow: [{ host: televisit.hostname, port: Number(televisit.port), plaintext: true, private: true }],
      },
    }),
  },

  channels: [
    // From the chart to the visit: what the hospital says becomes FHIR in the record, codes and units with their translations beside them, and the platform
    // hears what changed. What no map translates: isthmus terminology unmapped.
    channel('adt', {
      from: mllp({ port: Number(process.env.MLLP_PORT ?? 2575), system: 'general' }),
      takes: event('ADT', 'ORU^R01', 'SIU^S12'),
      order: 'patient',
      steps: [identify(), translate('general-to-standard')],
      to: [record(), webhook('televisit')],
    }),

    // From the visit back to the chart: a note (MDM^T02) and a charge (DFT^P03), one after the other, each position committed.
    channel('visits', {
      from: http({ path: '/in/visits', system: 'televisit' }),
      order: 'strict',
      steps: [closeVisit()],
      to: [record(), mllp('general', { order: 'strict', commit: 'each' })],
    }),
  ],

  alerts: [
    backlog('televisit').above(500),
    backlog('general').above(100),
    disconnected('general').for('30s'),
    parked().above(0),
  ],
});
