import { randomBytes } from 'node:crypto';
import { decrypt, encrypt } from './aead.js';
import { SealError } from './seal-error.js';

const VERSION = 'v1';

/**
 * The scheme of before: a data key for each text instead of one for each tenant, and no word of which key wrapped it.
 * `context` (`partner|table|row|column`) is bound in.
 */
export function seal(kek: Buffer, context: string, plaintext: string): string {
  const dataKey = randomBytes(32);
  const wrapped = encrypt(kek, `${VERSION}|key|${context}`, dataKey);
  return [VERSION, wrapped, encrypt(dataKey, `${VERSION}|${context}`, Buffer.from(plaintext))].join('.');
}

/** @throws SealError */
export function unseal(kek: Buffer, context: string, sealed: string): string {
  const [version, wrapped, body, ...rest] = sealed.split('.');
  if (version !== VERSION || !wrapped || !body || rest.length > 0) throw new SealError();
  const dataKey = decrypt(kek, `${VERSION}|key|${context}`, wrapped);
  return decrypt(dataKey, `${VERSION}|${context}`, body).toString();
}
