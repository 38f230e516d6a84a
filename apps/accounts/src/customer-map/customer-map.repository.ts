import type { CustomerId } from '@backhaul/domain';
import { type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import type { ProviderName } from '@backhaul/psa';
import type { DataSource } from 'typeorm';
import { CustomerEntity } from '../customers/customer.entity.js';
import { CustomerMapEntity } from './customer-map.entity.js';

/** One customer with its mapping, mapped or not. */
export interface MapRow {
  custId: CustomerId;
  customerName: string;
  psaCompanyId: string | null;
  contractId: string | null;
  agreementId: string | null;
  /** 0 while there is no mapping. */
  version: number;
}

const COLUMNS = `c.cust_id::int AS "custId", c.name AS "customerName", m.psa_company_id AS "psaCompanyId",
  m.contract_id AS "contractId", m.agreement_id AS "agreementId", coalesce(m.version, 0) AS version`;
const JOIN =
  'customer c LEFT JOIN customer_map m ON m.partner_id = c.partner_id AND m.cust_id = c.cust_id AND m.provider = $2';

export class CustomerMapRepository extends TenantRepository<CustomerMapEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CustomerMapEntity);
  }

  /** All customers, those without a mapping too (D31). */
  page(scope: Scope, provider: ProviderName, after: number, limit: number): Promise<MapRow[]> {
    return this.dataSource.query(
      `SELECT ${COLUMNS} FROM ${JOIN} WHERE c.partner_id = $1 AND c.cust_id > $3 ORDER BY c.cust_id LIMIT $4`,
      [scope.partnerId, provider, after, limit],
    );
  }

  async row(scope: Scope, provider: ProviderName, custId: number, tx: Tx): Promise<MapRow | null> {
    const [row] = await tx.query<MapRow>(
      `SELECT ${COLUMNS} FROM ${JOIN} WHERE c.partner_id = $1 AND c.cust_id = $3`,
      [scope.partnerId, provider, custId],
    );
    return row ?? null;
  }

  /** What was removed. */
  async removeAllOf(scope: Scope, custId: CustomerId, tx: Tx): Promise<CustomerMapEntity[]> {
    const rows = await this.rows(tx.manager).findBy(this.within(scope, { custId }));
    for (const { provider } of rows) await this.remove(scope, { custId, provider }, tx.manager);
    return rows;
  }

  count(scope: Scope): Promise<number> {
    return this.dataSource.manager.countBy(CustomerEntity, { partnerId: scope.partnerId });
  }
}
