import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

const keyOf = (key: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', 'backhaul sealed for services v1', 32));

/**
 * What one service tells another by way of a topic and nobody else may read: AES-256-GCM under a key that follows from
 * SERVICE_TOKEN_KEY. Opens for this `purpose` and `id` alone.
 */
export function sealForServices(key: string, purpose: string, id: string, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(key), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(`${purpose}|${id}`));
  return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** Null for what was not sealed with this key, for this purpose and id. */
export function openFromService(key: string, purpose: string, id: string, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', keyOf(key), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(`${purpose}|${id}`));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return plain.toString();
  } catch {
    return null;
  }
}
