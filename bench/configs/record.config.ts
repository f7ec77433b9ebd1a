/** The record and its API alone. */
import { defineConfig, ehr } from 'isthmus';

export default defineConfig({
  systems: { hospital: ehr({ authority: '2.16.840.1.113883.19.5' }) },
  channels: [],
});
