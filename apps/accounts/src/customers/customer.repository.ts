import { type BrandId, type CustomerId, wholePartner } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import type { DataSource, FindOptionsWhere, SelectQueryBuilder } from 'typeorm';
import { TABLES } from '../scope-tables.js';
import { CustomerEntity } from './customer.entity.js';

export class CustomerRepository extends TenantRepository<CustomerEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CustomerEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<CustomerEntity> {
    return { brandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  /** By Cust. ID, ascending, those after `after`; `q` is part of the name or the id itself. */
  page(scope: Scope, q: string | undefined, after: number, limit: number): Promise<CustomerEntity[]> {
    return this.filtered(scope, q)
      .andWhere('c.cust_id > :after', { after })
      .orderBy('c.cust_id')
      .take(limit)
      .getMany();
  }

  count(scope: Scope, q: string | undefined): Promise<number> {
    return this.filtered(scope, q).getCount();
  }

  /** @throws Problem 404, also for another partner's */
  async get(scope: Scope, custId: number, tx?: Tx): Promise<CustomerEntity> {
    const customer = await this.findOne(scope, { custId: custId as CustomerId }, tx?.manager);
    if (!customer) throw Problem.notFound();
    return customer;
  }

  /** The row, held until the transaction ends. @throws Problem 404 */
  async lock(scope: Scope, custId: number, tx: Tx): Promise<CustomerEntity> {
    await tx.query('SELECT 1 FROM customer WHERE partner_id = $1 AND cust_id = $2 FOR UPDATE', [
      scope.partnerId,
      custId,
    ]);
    return this.get(scope, custId, tx);
  }

  /** The next Cust. ID that the partner does not use yet. */
  async nextId(scope: Scope, tx: Tx): Promise<CustomerId> {
    for (;;) {
      const [row] = await tx.query<{ id: string }>("SELECT nextval('cust_id_seq') AS id");
      const custId = Number(row?.id) as CustomerId;
      const whole = wholePartner(scope.partnerId);
      if (!(await this.findOne(whole, { custId }, tx.manager))) return custId;
    }
  }

  private filtered(scope: Scope, q: string | undefined): SelectQueryBuilder<CustomerEntity> {
    const query = this.rows().createQueryBuilder('c').where(this.within(scope));
    if (q) query.andWhere('(position(lower(:q) in lower(c.name)) > 0 OR c.cust_id::text = :q)', { q });
    return query;
  }
}
