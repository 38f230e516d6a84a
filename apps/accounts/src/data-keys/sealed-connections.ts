import {
  amendFields,
  fieldNames,
  type Keyring,
  parseSealed,
  placeOfConnection,
  type Tx,
  type WrappedKey,
  withWrappedKey,
} from '@backhaul/persistence';
import { announceConnection } from '../connections/announce-connection.js';
import { ConnectionEntity } from '../connections/connection.entity.js';

/** The connections' part of a rotation: seals anew, and tells ticketing in the same transaction. */
export class SealedConnections {
  constructor(private readonly keyring: Keyring) {}

  /** How many could not be opened, and stay as they are. After `holdAlone`. */
  async reseal(tx: Tx, partnerId: string, key: WrappedKey): Promise<number> {
    const rows = await tx.manager.find(ConnectionEntity, {
      where: { partnerId: partnerId as ConnectionEntity['partnerId'] },
      order: { provider: 'ASC' },
    });
    let lost = 0;
    for (const row of rows) {
      const sealedSecret = this.under(key, row);
      if (sealedSecret === null) lost += 1;
      else if (sealedSecret !== row.sealedSecret) await this.replace(tx, { ...row, sealedSecret });
    }
    return lost;
  }

  /** Null for what no key of ours opens. */
  private under(key: WrappedKey, row: ConnectionEntity): string | null {
    if (parseSealed(row.sealedSecret)?.wrapped === key.wrapped)
      return this.opens(row) ? row.sealedSecret : null;
    const rewrapped = withWrappedKey(row.sealedSecret, key);
    // The same version need not be the same key: a restored backup may hold a partner's key of another time.
    if (rewrapped !== null && this.opens({ ...row, sealedSecret: rewrapped })) return rewrapped;
    return this.opens(row) ? amendFields(this.keyring, key, placeOfConnection(row), row.sealedSecret) : null;
  }

  private opens(row: ConnectionEntity): boolean {
    return fieldNames(this.keyring, placeOfConnection(row), row.sealedSecret).size > 0;
  }

  private async replace(tx: Tx, row: ConnectionEntity): Promise<void> {
    const { partnerId, provider, sealedSecret } = row;
    await tx.manager.update(ConnectionEntity, { partnerId, provider }, { sealedSecret });
    await announceConnection(tx, row);
  }
}
