import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits for whoever carries them; kept only as a hash, which may be a fast one. */
export function newSecretToken(prefix = ''): { text: string; hash: string } {
  const text = prefix + randomBytes(32).toString('base64url');
  return { text, hash: hashOfToken(text) };
}

export const hashOfToken = (text: string): string => createHash('sha256').update(text).digest('hex');
