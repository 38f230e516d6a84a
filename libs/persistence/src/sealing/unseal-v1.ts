import { decrypt } from './aead.js';
import { SealError } from './seal-error.js';

const VERSION = 'v1';

/** What `seal` of before sealed. @throws SealError */
export function unseal(kek: Buffer, context: string, sealed: string): string {
  const [version, wrapped, body, ...rest] = sealed.split('.');
  if (version !== VERSION || !wrapped || !body || rest.length > 0) throw new SealError();
  const dataKey = decrypt(kek, `${VERSION}|key|${context}`, wrapped);
  return decrypt(dataKey, `${VERSION}|${context}`, body).toString();
}
