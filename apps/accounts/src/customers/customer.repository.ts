import type { CustomerId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { type DataSource, MoreThan } from 'typeorm';
import { CustomerEntity } from './customer.entity.js';

export class CustomerRepository extends TenantRepository<CustomerEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CustomerEntity);
  }

  /** By Cust. ID, ascending, those after `after`; `q` is part of the name or the id itself. */
  page(scope: Scope, after: number, limit: number, q?: string): Promise<CustomerEntity[]> {
    if (!q) return this.findMany(scope, { custId: MoreThan(after as CustomerId) }, { custId: 'ASC' }, limit);
    return this.rows()
      .createQueryBuilder('c')
      .where('c.partner_id = :partnerId AND c.cust_id > :after', { partnerId: scope.partnerId, after })
      .andWhere('(position(lower(:q) in lower(c.name)) > 0 OR c.cust_id::text = :q)', { q })
      .orderBy('c.cust_id')
      .take(limit)
      .getMany();
  }

  count(scope: Scope): Promise<number> {
    return this.rows().countBy(this.within(scope));
  }

  /** @throws Problem 404, also for another partner's */
  async get(scope: Scope, custId: number, tx?: Tx): Promise<CustomerEntity> {
    const customer = await this.findOne(scope, { custId: custId as CustomerId }, tx?.manager);
    if (!customer) throw Problem.notFound();
    return customer;
  }

  /** The next Cust. ID that the partner does not use yet. */
  async nextId(scope: Scope, tx: Tx): Promise<CustomerId> {
    for (;;) {
      const [row] = await tx.query<{ id: string }>("SELECT nextval('cust_id_seq') AS id");
      const custId = Number(row?.id) as CustomerId;
      if (!(await this.findOne(scope, { custId }, tx.manager))) return custId;
    }
  }
}
