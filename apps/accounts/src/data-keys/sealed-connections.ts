import {
  amendFields,
  type Keyring,
  parseSealed,
  SealError,
  type Tx,
  type WrappedKey,
  withWrappedKey,
} from '@backhaul/persistence';
import { announceConnection } from '../connections/announce-connection.js';
import { ConnectionEntity, placeOf } from '../connections/connection.entity.js';

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
    const rewrapped = withWrappedKey(row.sealedSecret, key);
    // The body stays; what is beside it must still be its key.
    const candidate = rewrapped ?? row.sealedSecret;
    try {
      if (rewrapped !== null && parseSealed(row.sealedSecret)?.wrapped === key.wrapped) return candidate;
      const amended = amendFields(this.keyring, key, placeOf(row), candidate);
      return rewrapped ?? amended;
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }

  private async replace(tx: Tx, row: ConnectionEntity): Promise<void> {
    const { partnerId, provider, sealedSecret } = row;
    await tx.manager.update(ConnectionEntity, { partnerId, provider }, { sealedSecret });
    await announceConnection(tx, row);
  }
}
