import { type Keyring, type Tx, type UnitOfWork, type WrappedKey, wrapKey } from '@backhaul/persistence';
import { unwrapKey } from '@backhaul/persistence/opening';

interface Row {
  kekId: string;
  wrapped: string;
}

const PURPOSE = 'account-password-fingerprint';
/** Not a partner's: bound to what it is for. */
const asKey = ({ kekId, wrapped }: Row): WrappedKey => ({ tenant: PURPOSE, version: 1, kekId, wrapped });

/** The key that fingerprints passwords: it outlives the key that wraps it, or a rotation would forget every password. */
export class PlatformKeys {
  constructor(private readonly keyring: Keyring) {}

  /** The stored key; `first` where there is none yet. @throws SealError */
  async fingerprint(unitOfWork: UnitOfWork, first: Buffer): Promise<Buffer> {
    const { kekId, wrapped } = wrapKey(this.keyring, PURPOSE, 1, first);
    const insert =
      'INSERT INTO platform_key (purpose, kek_id, wrapped) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';
    await unitOfWork.query(insert, [PURPOSE, kekId, wrapped]);
    const [row] = await unitOfWork.query<Row>(
      'SELECT kek_id AS "kekId", wrapped FROM platform_key WHERE purpose = $1',
      [PURPOSE],
    );
    return unwrapKey(this.keyring, asKey(row as Row));
  }

  /** Wraps it by the current key; whether there was anything to do. @throws SealError */
  async rewrap(tx: Tx): Promise<boolean> {
    const [row] = await tx.query<Row>(
      'SELECT kek_id AS "kekId", wrapped FROM platform_key WHERE purpose = $1 AND kek_id <> $2 FOR UPDATE',
      [PURPOSE, this.keyring.current.id],
    );
    if (!row) return false;
    const { kekId, wrapped } = wrapKey(this.keyring, PURPOSE, 1, unwrapKey(this.keyring, asKey(row)));
    await tx.query('UPDATE platform_key SET kek_id = $2, wrapped = $3 WHERE purpose = $1', [
      PURPOSE,
      kekId,
      wrapped,
    ]);
    return true;
  }
}
