import type { AccountNo, BrandId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import type { AccountPayload } from '@backhaul/messaging';
import { brandWithin, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { type DataSource, Equal, type FindOptionsWhere } from 'typeorm';
import { KnownAccountEntity } from './known-account.entity.js';

const TABLES = { customers: 'no customers here', brands: 'known_brand' };

export class KnownAccountRepository extends TenantRepository<KnownAccountEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, KnownAccountEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<KnownAccountEntity> {
    return {
      ...(scope.brandId !== null && { brandId: brandWithin<BrandId>(scope, TABLES) }),
      ...(scope.onlyAccountNo !== null && { accountNo: Equal(scope.onlyAccountNo) }),
    };
  }

  /** @throws Problem 404, also for another partner's */
  async get(scope: Scope, accountNo: number, tx?: Tx): Promise<KnownAccountEntity> {
    const account = await this.findOne(scope, { accountNo: accountNo as AccountNo }, tx?.manager);
    if (!account) throw Problem.notFound();
    return account;
  }

  /** The newest record of each account; null where it is gone, and then its options go as well. */
  async putAcrossTenants(tx: Tx, newest: ReadonlyMap<string, AccountPayload | null>): Promise<void> {
    for (const [accountNo, account] of [...newest].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (account) await this.put(tx, account);
      else
        await tx.query(
          `WITH gone AS (DELETE FROM notification_options WHERE account_no = $1::bigint)
           DELETE FROM known_account WHERE account_no = $1::bigint`,
          [accountNo],
        );
    }
  }

  private async put(tx: Tx, account: AccountPayload): Promise<void> {
    const { partnerId, accountNo, brandId, username, role, contact } = account;
    await tx.query(
      `INSERT INTO known_account VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (account_no) DO UPDATE SET brand_id = excluded.brand_id, username = excluded.username,
         role = excluded.role, contact = excluded.contact`,
      [partnerId, accountNo, brandId ?? null, username, role ?? null, contact ?? null],
    );
  }
}
