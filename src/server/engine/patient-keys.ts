import { keysOf } from '../../clinical/source-patients/index.ts';
import type { KeysOf } from '../../exchange/channels/index.ts';

/** The ordering keys of a message by its source patients; a message that can't be read is put in order by its sender. */
export const patientKeys: KeysOf = (message, { authority }) => {
  if (!message.isHl7) return [];
  return keysOf(message.hl7(), authority === undefined ? {} : { defaultAuthority: authority });
};
