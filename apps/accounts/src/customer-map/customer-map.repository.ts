import type { CustomerId } from '@backhaul/domain';
import {
  customerWithin,
  nothing,
  type Scope,
  TenantRepository,
  type Tx,
  withinScope,
} from '@backhaul/persistence';
import type { ProviderName } from '@backhaul/psa';
import type { DataSource, FindOptionsWhere } from 'typeorm';
import { TABLES } from '../scope-tables.js';
import { CustomerMapEntity } from './customer-map.entity.js';

/** One customer with its mapping, mapped or not. */
export interface MapRow {
  custId: CustomerId;
  customerName: string;
  psaCompanyId: string | null;
  contractId: string | null;
  agreementId: string | null;
  /** JSON list. */
  problems: string;
  /** 0 while there is no mapping. */
  version: number;
}

const COLUMNS = `c.cust_id::int AS "custId", c.name AS "customerName", m.psa_company_id AS "psaCompanyId",
  m.contract_id AS "contractId", m.agreement_id AS "agreementId", coalesce(m.problems, '[]') AS problems, coalesce(m.version, 0) AS version`;
const JOIN =
  'customer c LEFT JOIN customer_map m ON m.partner_id = c.partner_id AND m.cust_id = c.cust_id AND m.provider = $1';
const OF_CUSTOMER = { partner: 'c.partner_id', customer: 'c.cust_id' };

export class CustomerMapRepository extends TenantRepository<CustomerMapEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, CustomerMapEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<CustomerMapEntity> {
    return { custId: scope.onlyAccountNo === null ? customerWithin<CustomerId>(scope, TABLES) : nothing() };
  }

  /** All customers, those without a mapping too (D31). */
  page(scope: Scope, provider: ProviderName, after: number, limit: number): Promise<MapRow[]> {
    const params: unknown[] = [provider, after, limit];
    const where = withinScope(scope, TABLES, OF_CUSTOMER, params);
    return this.dataSource.query(
      `SELECT ${COLUMNS} FROM ${JOIN} WHERE ${where} AND c.cust_id > $2 ORDER BY c.cust_id LIMIT $3`,
      params,
    );
  }

  async row(scope: Scope, provider: ProviderName, custId: number, tx: Tx): Promise<MapRow | null> {
    const params: unknown[] = [provider, custId];
    const where = withinScope(scope, TABLES, OF_CUSTOMER, params);
    const [row] = await tx.query<MapRow>(
      `SELECT ${COLUMNS} FROM ${JOIN} WHERE ${where} AND c.cust_id = $2`,
      params,
    );
    return row ?? null;
  }

  /** Those of these customers that the scope shows. */
  async rowsOf(
    scope: Scope,
    provider: ProviderName,
    custIds: readonly number[],
  ): Promise<Map<number, MapRow>> {
    const params: unknown[] = [provider, custIds];
    const where = withinScope(scope, TABLES, OF_CUSTOMER, params);
    const rows = await this.dataSource.query<MapRow[]>(
      `SELECT ${COLUMNS} FROM ${JOIN} WHERE ${where} AND c.cust_id = ANY($2)`,
      params,
    );
    return new Map(rows.map((row) => [row.custId, row]));
  }

  /** What was removed. */
  async removeAllOf(scope: Scope, custId: CustomerId, tx: Tx): Promise<CustomerMapEntity[]> {
    const rows = await this.rows(tx.manager).findBy(this.within(scope, { custId }));
    for (const { provider } of rows) await this.remove(scope, { custId, provider }, tx.manager);
    return rows;
  }

  async count(scope: Scope): Promise<number> {
    const params: unknown[] = [];
    const where = withinScope(scope, TABLES, OF_CUSTOMER, params);
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM customer c WHERE ${where}`,
      params,
    );
    return row?.count ?? 0;
  }
}
