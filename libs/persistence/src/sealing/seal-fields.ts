import { Secret } from '@backhaul/domain';
import { encrypt } from './aead.js';
import { withOpenKey, type WrappedKey } from './data-key.js';
import type { Keyring } from './keyring.js';
import { type Fields, openFields } from './open.js';
import { SealError } from './seal-error.js';
import { boundTo, formatSealed, parseSealed, type Place } from './sealed-text.js';

/**
 * Envelope encryption: sealed with the tenant's data key, which travels beside it, wrapped.
 * @throws SealError when the data key cannot be unwrapped
 */
export function sealFields(keyring: Keyring, key: WrappedKey, place: Place, fields: Secret<Fields>): string {
  if (key.tenant !== place.tenant) throw new SealError();
  const plain = Buffer.from(JSON.stringify(fields.reveal()));
  const body = withOpenKey(keyring, key, (open) => encrypt(open, boundTo(place, key.version), plain));
  return formatSealed(key, body);
}

/** The same secrets with some replaced, under `key`; none of those that stay leaves this function. @throws SealError */
export function amendFields(
  keyring: Keyring,
  key: WrappedKey,
  place: Place,
  sealed: string,
  change: Secret<Fields> = new Secret({}),
): string {
  const kept = openFields(keyring, place, sealed).reveal();
  return sealFields(keyring, key, place, new Secret({ ...kept, ...change.reveal() }));
}

/** Which secrets there are, without one of them; none when the text does not open here. */
export function fieldNames(keyring: Keyring, place: Place, sealed: string): ReadonlySet<string> {
  try {
    const fields = Object.entries(openFields(keyring, place, sealed).reveal());
    return new Set(fields.filter(([, value]) => value !== '').map(([name]) => name));
  } catch (error) {
    if (error instanceof SealError) return new Set();
    throw error;
  }
}

/** The text with its data key wrapped anew; the body stays as it is. Null where it has another data key. */
export function withWrappedKey(sealed: string, key: WrappedKey): string | null {
  const parsed = parseSealed(sealed);
  return parsed?.version === key.version ? formatSealed(key, parsed.body) : null;
}
