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
      else await this.forget(tx, accountNo);
    }
  }

  /** Nothing tells any more that a problem of it is over, and an outage would stand for ever. */
  private async forget(tx: Tx, accountNo: string): Promise<void> {
    await tx.query('DELETE FROM problem_watch WHERE account_no = $1::integer AND site_cust_id IS NOT NULL', [
      accountNo,
    ]);
    await tx.query(
      `WITH gone AS (DELETE FROM raised WHERE account_no = $1::integer AND site_cust_id IS NOT NULL RETURNING *)
       INSERT INTO site_leaver (leaver_id, rule_id, cust_id, partner_id)
       SELECT gen_random_uuid(), rule_id, site_cust_id, partner_id FROM gone`,
      [accountNo],
    );
    await tx.query(
      `WITH gone AS (DELETE FROM notification_options WHERE account_no = $1::bigint)
       DELETE FROM known_account WHERE account_no = $1::bigint`,
      [accountNo],
    );
  }

  private async put(tx: Tx, account: AccountPayload): Promise<void> {
    const { partnerId, accountNo, brandId, username, role, contact, custId, hostName } = account;
    await tx.query(
      `INSERT INTO known_account (partner_id, account_no, brand_id, username, role, contact, cust_id, host_name)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (account_no) DO UPDATE SET brand_id = excluded.brand_id, username = excluded.username,
         role = excluded.role, contact = excluded.contact, cust_id = excluded.cust_id, host_name = excluded.host_name`,
      [
        partnerId,
        accountNo,
        brandId ?? null,
        username,
        role ?? null,
        contact ?? null,
        custId,
        hostName ?? null,
      ],
    );
  }
}
