import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The text was not sealed by this key for this place, or was changed since. */
export class SealError extends Error {
  constructor(options?: ErrorOptions) {
    super('The sealed text cannot be opened here', options);
    this.name = 'SealError';
  }
}

const VERSION = 'v1';

function encrypt(key: Buffer, context: string, plain: Buffer): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, context: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
}

/**
 * Envelope encryption: a data key of its own, wrapped by the key encryption key (32 bytes).
 * `context` (`partner|table|column|row`) is bound in: the text opens nowhere else.
 */
export function seal(kek: Buffer, context: string, plaintext: string): string {
  const dataKey = randomBytes(32);
  const wrapped = encrypt(kek, `${VERSION}|key|${context}`, dataKey);
  const body = encrypt(dataKey, `${VERSION}|${context}`, Buffer.from(plaintext));
  return [VERSION, wrapped.toString('base64url'), body.toString('base64url')].join('.');
}

/** @throws SealError */
export function unseal(kek: Buffer, context: string, sealed: string): string {
  const [version, wrapped, body] = sealed.split('.');
  if (version !== VERSION || !wrapped || !body) throw new SealError();
  try {
    const dataKey = decrypt(kek, `${VERSION}|key|${context}`, Buffer.from(wrapped, 'base64url'));
    return decrypt(dataKey, `${VERSION}|${context}`, Buffer.from(body, 'base64url')).toString();
  } catch (error) {
    throw new SealError({ cause: error });
  }
}
