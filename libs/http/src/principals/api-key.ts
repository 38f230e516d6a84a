import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORMAT = /^(bkp_live_([0-9A-Za-z]{12})_([0-9A-Za-z]{32}))([0-9A-Za-z]{6})$/;

export interface ApiKey {
  /** The whole key, `bkp_live_<keyId>_<secret><checksum>`; shown once, stored nowhere. */
  text: string;
  keyId: string;
  /** SHA-256 of the secret, hex: what is stored. */
  secretHash: string;
}

/** A new key of about 190 random bits. */
export function newApiKey(): ApiKey {
  const [keyId, secret] = [randomBase62(12), randomBase62(32)];
  const head = `bkp_live_${keyId}_${secret}`;
  return { text: head + checksumOf(head), keyId, secretHash: hashOf(secret) };
}

/** Null for what is not one of our keys, by form and checksum alone: a typo costs no lookup. */
export function parseApiKey(text: string): Omit<ApiKey, 'text'> | null {
  const [, head, keyId, secret, checksum] = FORMAT.exec(text) ?? [];
  if (!head || !keyId || !secret || checksum !== checksumOf(head)) return null;
  return { keyId, secretHash: hashOf(secret) };
}

/** Compares two hex SHA-256 hashes in constant time. */
export function sameSecret(hash: string, stored: string): boolean {
  const [a, b] = [Buffer.from(hash, 'hex'), Buffer.from(stored, 'hex')];
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function randomBase62(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(62)]).join('');
}

/** CRC-32 as six base62 digits, so that scanners and the gateway know a real key. */
function checksumOf(head: string): string {
  let rest = crc32(head);
  let digits = '';
  for (let i = 0; i < 6; i += 1) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
