import { Secret } from '@backhaul/domain';
import { decrypt } from './aead.js';
import { placeOfConnection } from './connection-place.js';
import { withOpenKey } from './data-key.js';
import type { Keyring } from './keyring.js';
import { SealError } from './seal-error.js';
import { unseal } from './unseal-v1.js';
import { boundTo, parseSealed, type Place } from './sealed-text.js';

/** Secrets by name, such as `{ privateKey }`. */
export type Fields = Record<string, string>;

/** The secrets of a sealed text. Who may import this stands in .dependency-cruiser.cjs. @throws SealError */
export function openFields(keyring: Keyring, place: Place, sealed: string): Secret<Fields> {
  const parsed = parseSealed(sealed);
  if (!parsed) return new Secret(JSON.parse(openV1(keyring, place, sealed)) as Fields);
  const plain = withOpenKey(keyring, { tenant: place.tenant, ...parsed }, (key) =>
    decrypt(key, boundTo(place, parsed.version), parsed.body),
  );
  return new Secret(JSON.parse(plain.toString()) as Fields);
}

/** The secrets of a partner's link to a PSA. @throws SealError */
export const openConnection = (
  keyring: Keyring,
  link: { partnerId: string; connectionId: string; sealedSecret: string },
): Secret<Fields> => openFields(keyring, placeOfConnection(link), link.sealedSecret);

/** `v1` does not say which key wrapped it. */
function openV1(keyring: Keyring, { tenant, table, rowId }: Place, sealed: string): string {
  // The only column that ever held such text called itself `secret`.
  const context = `${tenant}|${table}|${rowId}|secret`;
  for (const { key } of keyring.all) {
    try {
      return unseal(key.reveal(), context, sealed);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
    }
  }
  throw new SealError();
}
