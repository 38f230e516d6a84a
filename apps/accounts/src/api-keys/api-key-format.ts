import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const random = (length: number): string => Array.from({ length }, () => BASE62[randomInt(62)]).join('');

/** Six base62 characters over all that stands before, so that a scanner knows a real key without a database. */
export function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < 6; i += 1) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

export interface NewKey {
  keyId: string;
  /** Shown once. */
  key: string;
  /** SHA-256 of the 32 secret characters, hex: they hold 190 bits, so a fast hash will do. */
  secretHash: string;
}

/** `bkp_live_<12>_<32><6>`. */
export function newApiKey(): NewKey {
  const keyId = random(12);
  const secret = random(32);
  const body = `bkp_live_${keyId}_${secret}`;
  return {
    keyId,
    key: body + checksumOf(body),
    secretHash: createHash('sha256').update(secret).digest('hex'),
  };
}
