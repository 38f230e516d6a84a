import { randomBytes } from 'node:crypto';
import { decrypt, encrypt } from './aead.js';
import type { Keyring } from './keyring.js';
import { SealError } from './seal-error.js';

/** A tenant's data key as it is stored and as it travels: wrapped by a key encryption key. */
export interface WrappedKey {
  /** Whose secrets it seals. */
  tenant: string;
  /** Grows with every new key of the tenant. */
  version: number;
  kekId: string;
  /** base64url; opens for this tenant and version alone. */
  wrapped: string;
}

const bound = (tenant: string, version: number): string => `v2|data key|${tenant}|${version}`;

export function newDataKey(keyring: Keyring, tenant: string, version: number): WrappedKey {
  const open = randomBytes(32);
  try {
    return wrapKey(keyring, tenant, version, open);
  } finally {
    open.fill(0);
  }
}

export function wrapKey(keyring: Keyring, tenant: string, version: number, key: Buffer): WrappedKey {
  const { id, key: kek } = keyring.current;
  return { tenant, version, kekId: id, wrapped: encrypt(kek.reveal(), bound(tenant, version), key) };
}

/** The same key under the current key encryption key. @throws SealError */
export const rewrapKey = (keyring: Keyring, key: WrappedKey): WrappedKey =>
  withOpenKey(keyring, key, (open) => wrapKey(keyring, key.tenant, key.version, open));

/** Lends the opened key for as long as `use` runs; then its bytes are overwritten. @throws SealError */
export function withOpenKey<T>(keyring: Keyring, key: WrappedKey, use: (open: Buffer) => T): T {
  const open = unwrapKey(keyring, key);
  try {
    return use(open);
  } finally {
    open.fill(0);
  }
}

/** @throws SealError */
export function unwrapKey(keyring: Keyring, { tenant, version, kekId, wrapped }: WrappedKey): Buffer {
  const kek = keyring.find(kekId);
  if (!kek) throw new SealError({ reason: 'key_missing' });
  return decrypt(kek.key.reveal(), bound(tenant, version), wrapped);
}
