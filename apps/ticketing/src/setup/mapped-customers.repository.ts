import type { Scope } from '@backhaul/domain';
import { type UnitOfWork, withinScope } from '@backhaul/persistence';
import { TABLES } from '../read-models/scope-tables.js';

export interface MappedCustomer {
  custId: number;
  name: string;
  psaCompanyId: string | null;
}

const MOST = 5_000;
const SELECT = `SELECT c.cust_id::int AS "custId", c.name, m.psa_company_id AS "psaCompanyId"
  FROM known_customer c LEFT JOIN customer_map m ON m.partner_id = c.partner_id AND m.cust_id = c.cust_id`;

/** Customers as ticketing knows them, with the company of this PSA that each is. */
export class MappedCustomers {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  all(partnerId: string): Promise<MappedCustomer[]> {
    return this.unitOfWork.query(`${SELECT} WHERE c.partner_id = $1 ORDER BY c.cust_id LIMIT ${MOST}`, [
      partnerId,
    ]);
  }

  unmapped(scope: Scope): Promise<MappedCustomer[]> {
    const params: unknown[] = [];
    const where = withinScope(scope, TABLES, { partner: 'c.partner_id', customer: 'c.cust_id' }, params);
    return this.unitOfWork.query(
      `${SELECT} WHERE ${where} AND m.psa_company_id IS NULL ORDER BY c.cust_id LIMIT ${MOST}`,
      params,
    );
  }

  /** Companies that some customer of the partner is already, whoever may see that customer. */
  async companies(partnerId: string): Promise<Set<string>> {
    const rows = await this.unitOfWork.query<{ id: string }>(
      'SELECT psa_company_id AS id FROM customer_map WHERE partner_id = $1 AND psa_company_id IS NOT NULL',
      [partnerId],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
