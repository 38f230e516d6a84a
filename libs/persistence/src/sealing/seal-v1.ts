import { randomBytes } from 'node:crypto';
import { encrypt } from './aead.js';

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
