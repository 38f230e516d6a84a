import type { CustomerId } from '@backhaul/domain';
import { type Scope, TenantRepository } from '@backhaul/persistence';
import type { ProviderName } from '@backhaul/psa';
import type { DataSource } from 'typeorm';
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

  async row(scope: Scope, provider: ProviderName, custId: number): Promise<MapRow | null> {
    const rows: MapRow[] = await this.dataSource.query(
      `SELECT ${COLUMNS} FROM ${JOIN} WHERE c.partner_id = $1 AND c.cust_id = $3`,
      [scope.partnerId, provider, custId],
    );
    return rows[0] ?? null;
  }
}
