import { hash, timingSafeEqual } from 'node:crypto';

/** `bkp_live_<12>_<32 and a check sum of 6>`: the id finds the key, the secret proves it. */
const API_KEY = /^bkp_[a-z]+_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

export interface GivenApiKey {
  keyId: string;
  matches(secretHash: string): boolean;
}

/** Null for what does not look like an API key. */
export function parseApiKey(text: string): GivenApiKey | null {
  const [, keyId, secret] = API_KEY.exec(text) ?? [];
  if (!keyId || !secret) return null;
  return { keyId, matches: (secretHash) => isSame(secretHash, hash('sha256', secret)) };
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
