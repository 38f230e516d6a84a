import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Where an answer is kept, with the Idempotency-Key itself, which is not kept. */
export interface SealingPlace {
  partnerId: string;
  route: string;
  key: string;
}

/** What stands in the table in place of an answer that holds a secret. */
export interface SealedBody {
  sealed: string;
}

export const digestOfKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/**
 * An answer that holds a secret, as it is kept. It takes the service's key and the client's Idempotency-Key to open it:
 * the first stands in no database, of the second a digest alone, so only who asks again gets to read it.
 */
export function sealBody(serviceKey: string, place: SealingPlace, body: unknown): SealedBody {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(serviceKey, place), iv);
  const text = Buffer.concat([cipher.update(JSON.stringify(body)), cipher.final()]);
  return { sealed: Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url') };
}

/** @throws Error for what was sealed elsewhere, with another key, or changed */
export function openBody(serviceKey: string, place: SealingPlace, { sealed }: SealedBody): unknown {
  const bytes = Buffer.from(sealed, 'base64url');
  const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)];
  const decipher = createDecipheriv('aes-256-gcm', keyOf(serviceKey, place), iv, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(tag);
  const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  return JSON.parse(text.toString());
}

function keyOf(serviceKey: string, { partnerId, route, key }: SealingPlace): Buffer {
  const info = JSON.stringify(['idempotent answer', partnerId, route]);
  return Buffer.from(hkdfSync('sha256', serviceKey, key, info, 32));
}
