import type { AccountNo, BrandId, CustomerId } from '@backhaul/domain';
import { Problem, type Role } from '@backhaul/http';
import { brandWithin, customerWithin, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { type DataSource, Equal, type FindOptionsWhere, type SelectQueryBuilder } from 'typeorm';
import { TABLES } from '../scope-tables.js';
import { AccountEntity } from './account.entity.js';

export interface AccountFilter {
  custId?: number | undefined;
  q?: string | undefined;
  username?: string | undefined;
}

export class AccountRepository extends TenantRepository<AccountEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, AccountEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<AccountEntity> {
    return {
      ...(scope.brandId !== null && { custId: customerWithin<CustomerId>(scope, TABLES) }),
      ...(scope.onlyAccountNo !== null && { accountNo: Equal(scope.onlyAccountNo) }),
    };
  }

  /** By account number, ascending. */
  page(scope: Scope, filter: AccountFilter, after: number, limit: number): Promise<AccountEntity[]> {
    return this.filtered(scope, filter)
      .andWhere('a.account_no > :after', { after })
      .orderBy('a.account_no')
      .take(limit)
      .getMany();
  }

  count(scope: Scope, filter: AccountFilter): Promise<number> {
    return this.filtered(scope, filter).getCount();
  }

  /** @throws Problem 404, also for another partner's */
  async get(scope: Scope, accountNo: number, tx?: Tx): Promise<AccountEntity> {
    const account = await this.findOne(scope, { accountNo: accountNo as AccountNo }, tx?.manager);
    if (!account) throw Problem.notFound();
    return account;
  }

  /**
   * An account whose login somebody is to take over or change: its role, or the one that it is to have, must not reach
   * further than their own does, though its customer is seen. @throws Problem 404
   */
  async getLogin(scope: Scope, accountNo: number, tx: Tx, newRole?: Role): Promise<AccountEntity> {
    const account = await this.get(scope, accountNo, tx);
    const isEndUser = account.role === 'power-user' && (newRole ?? account.role) === 'power-user';
    if (scope.brandId === null || isEndUser) return account;
    const scopeBrandId = brandWithin<BrandId>(scope, TABLES);
    if (!(await this.findOne(scope, { accountNo: account.accountNo, scopeBrandId }, tx.manager)))
      throw Problem.notFound();
    return account;
  }

  async nextNo(tx: Tx): Promise<AccountNo> {
    const [row] = await tx.query<{ no: string }>("SELECT nextval('account_no_seq') AS no");
    return Number(row?.no) as AccountNo;
  }

  private filtered(scope: Scope, { custId, q, username }: AccountFilter): SelectQueryBuilder<AccountEntity> {
    const query = this.rows().createQueryBuilder('a').where(this.within(scope));
    if (custId !== undefined) query.andWhere('a.cust_id = :custId', { custId });
    if (username !== undefined) query.andWhere('lower(a.username) = lower(:username)', { username });
    if (q)
      query.andWhere(
        "(position(lower(:q) in lower(a.username)) > 0 OR position(lower(:q) in lower(coalesce(a.host_name, ''))) > 0 OR a.account_no::text = :q)",
        { q },
      );
    return query;
  }
}
