import type { Secret } from '@backhaul/domain';
import {
  amendFields,
  fieldNames,
  type Keyring,
  parseSealed,
  placeOfConnection,
  sealFields,
  type Tx,
  type WrappedKey,
} from '@backhaul/persistence';
import type { DataKeyRepository } from '../data-keys/data-key.repository.js';
import { type ConnectionEntity, type LastCheck } from './connection.entity.js';
import type { ShownConnection } from './connection-out.js';

type Keyed = Pick<ConnectionEntity, 'partnerId' | 'connectionId'>;

/** Seals the secrets of connections, and changes them without ever seeing what is sealed. */
export class ConnectionVault {
  constructor(
    readonly keyring: Keyring,
    private readonly keys: DataKeyRepository,
  ) {}

  /** Nobody gives the partner another data key until the transaction ends. Before its first write. */
  hold(tx: Tx, partnerId: string): Promise<void> {
    return this.keys.hold(tx, partnerId);
  }

  /** Without secrets when they were sealed by a key that is lost: the partner can give them again. */
  look(row: ConnectionEntity): ShownConnection {
    return {
      mode: row.mode,
      endpoint: JSON.parse(row.endpoint) as ShownConnection['endpoint'],
      secrets: fieldNames(this.keyring, placeOfConnection(row), row.sealedSecret),
      version: row.version,
      lastCheck: row.lastCheck === null ? null : (JSON.parse(row.lastCheck) as LastCheck),
    };
  }

  /** @param kept the sealed text whose other secrets stay; null where none does. After `hold`. */
  async seal(
    tx: Tx,
    row: Keyed,
    kept: string | null,
    change: Secret<Record<string, string>>,
  ): Promise<string> {
    const key = await this.keys.current(tx, row.partnerId);
    return kept === null
      ? sealFields(this.keyring, key, placeOfConnection(row), change)
      : amendFields(this.keyring, key, placeOfConnection(row), kept, change);
  }

  /** A text of the scheme of before, or of an older data key, sealed anew; null where there is nothing to do. */
  async refreshed(tx: Tx, row: ConnectionEntity): Promise<string | null> {
    if (this.look(row).secrets.size === 0) return null;
    const key = await this.keys.current(tx, row.partnerId);
    return isUnder(key, row.sealedSecret)
      ? null
      : amendFields(this.keyring, key, placeOfConnection(row), row.sealedSecret);
  }
}

const isUnder = (key: WrappedKey, sealed: string): boolean => {
  const parsed = parseSealed(sealed);
  return parsed?.version === key.version && parsed.kekId === key.kekId && parsed.wrapped === key.wrapped;
};
