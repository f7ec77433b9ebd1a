import { keysOf } from '../../clinical/identity/index.ts';
import type { KeysOf } from '../../exchange/channels/index.ts';
import { parseMessage } from '../../standards/hl7v2/index.ts';

/** The ordering keys of a message by its source patients; a message that can't be read is put in order by its sender. */
export const patientKeys: KeysOf = (message, { authority }) => {
  if (!message.isHl7) return [];
  const { content, defaultCharset } = message.parts();
  const parsed = parseMessage(content, defaultCharset === undefined ? {} : { defaultCharset });
  return keysOf(parsed, authority === undefined ? {} : { defaultAuthority: authority });
};
