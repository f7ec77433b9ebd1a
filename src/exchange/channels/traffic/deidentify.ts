import type { MessageDraft } from '../../queue/index.ts';
import { contentKind } from '../message/content-type.ts';
import { deidentifyHl7 } from './deidentify-hl7.ts';
import { deidentifyJson } from './deidentify-json.ts';
import { Pseudonyms } from './pseudonyms.ts';

/** The body without what identifies a person, or undefined when nobody knows how to do that for this kind of content. */
export function deidentify(
  message: Pick<MessageDraft, 'body' | 'contentType' | 'keys'>,
  key: Uint8Array,
): Buffer | undefined {
  const pseudonyms = new Pseudonyms(key, message.keys[0] ?? '');
  const kind = contentKind(message.contentType);
  if (kind === 'hl7') return deidentifyHl7(message.body, pseudonyms);
  return kind === 'json' ? deidentifyJson(message.body, pseudonyms) : undefined;
}
