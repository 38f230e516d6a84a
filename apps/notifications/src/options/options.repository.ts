import type { AccountNo, PartnerId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { Switched } from './options.js';

/** What is stored for an account; version 0 while nobody chose anything. */
export interface StoredOptions {
  switched: Switched;
  version: number;
}

interface Of {
  partnerId: PartnerId;
  accountNo: AccountNo;
}

/** Who may see the account has been settled by `KnownAccountRepository.get`. */
export class OptionsRepository {
  async read(tx: Pick<Tx, 'query'>, { partnerId, accountNo }: Of): Promise<StoredOptions> {
    const [row] = await tx.query<StoredOptions>(
      'SELECT switched, version FROM notification_options WHERE partner_id = $1 AND account_no = $2',
      [partnerId, accountNo],
    );
    return row ?? { switched: {}, version: 0 };
  }

  /** Answers false where the stored version is no longer `options.version - 1`. */
  async write(tx: Tx, { partnerId, accountNo }: Of, { switched, version }: StoredOptions): Promise<boolean> {
    const written = await tx.query(
      `INSERT INTO notification_options (partner_id, account_no, switched, version, updated_at)
       SELECT $1, $2, $3::jsonb, $4::int, now() WHERE $4::int = 1
       OR EXISTS (SELECT 1 FROM notification_options WHERE account_no = $2)
       ON CONFLICT (account_no) DO UPDATE SET switched = excluded.switched, version = excluded.version, updated_at = now()
         WHERE notification_options.version = excluded.version - 1
       RETURNING 1 AS written`,
      [partnerId, accountNo, JSON.stringify(switched), version],
    );
    return written.length > 0;
  }
}
