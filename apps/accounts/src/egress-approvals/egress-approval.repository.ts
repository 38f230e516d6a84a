import type { PartnerId, Scope } from '@backhaul/domain';
import { rowsOf, type Tx } from '@backhaul/persistence';
import type { ProviderName } from '@backhaul/psa';
import type { DataSource } from 'typeorm';

export interface EgressApproval {
  approvalId: string;
  partnerId: PartnerId;
  provider: ProviderName;
  /** A CIDR, or a name in lower case. */
  target: string;
  port: number;
  reason: string;
  approvedBy: string;
  approvedAt: Date;
}

const COLUMNS = `approval_id AS "approvalId", partner_id AS "partnerId", provider, target, port, reason,
  approved_by AS "approvedBy", approved_at AS "approvedAt"`;

/** As the guard reads it. */
export const entryOf = ({ target, port }: Pick<EgressApproval, 'target' | 'port'>): string =>
  `${target}:${port}`;

/** What one partner's link may reach beside the public internet. */
export async function approvalsOf(
  { query }: Pick<Tx, 'query'>,
  partnerId: string,
  provider: ProviderName,
): Promise<string[]> {
  const rows = await query<EgressApproval>(
    `SELECT ${COLUMNS} FROM egress_approval WHERE partner_id = $1 AND provider = $2 ORDER BY approval_id`,
    [partnerId, provider],
  );
  return rows.map(entryOf);
}

/** By `partner:provider`. */
export async function approvalsAcrossTenants({ query }: Pick<Tx, 'query'>): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>();
  for (const row of await query<EgressApproval>(
    `SELECT ${COLUMNS} FROM egress_approval ORDER BY approval_id`,
  )) {
    const key = `${row.partnerId}:${row.provider}`;
    all.set(key, [...(all.get(key) ?? []), entryOf(row)]);
  }
  return all;
}

/** Operators see the approvals of all partners. */
export class EgressApprovalRepository {
  constructor(private readonly dataSource: DataSource) {}

  ofConnection({ partnerId }: Scope, provider: ProviderName): Promise<string[]> {
    return approvalsOf({ query: (sql, params) => this.query(sql, params) }, partnerId, provider);
  }

  /** Oldest first; of one partner where it is named. */
  pageAcrossTenants(
    partnerId: string | undefined,
    after: string | null,
    limit: number,
  ): Promise<EgressApproval[]> {
    return this.query(
      `SELECT ${COLUMNS} FROM egress_approval
       WHERE ($1::uuid IS NULL OR partner_id = $1) AND ($2::uuid IS NULL OR approval_id > $2)
       ORDER BY approval_id LIMIT $3`,
      [partnerId ?? null, after, limit],
    );
  }

  /** False for a partner that is not there, null where the same is approved already. */
  async insert(tx: Tx, row: Omit<EgressApproval, 'approvedAt'>): Promise<EgressApproval | false | null> {
    const { approvalId, partnerId, provider, target, port, reason, approvedBy } = row;
    const partner = await tx.query('SELECT 1 FROM partner WHERE partner_id = $1', [partnerId]);
    if (partner.length === 0) return false;
    const made = await tx.query<EgressApproval>(
      `INSERT INTO egress_approval (approval_id, partner_id, provider, target, port, reason, approved_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
      [approvalId, partnerId, provider, target, port, reason, approvedBy],
    );
    return made[0] ?? null;
  }

  async find(approvalId: string): Promise<EgressApproval | null> {
    const rows = await this.query<EgressApproval>(
      `SELECT ${COLUMNS} FROM egress_approval WHERE approval_id = $1`,
      [approvalId],
    );
    return rows[0] ?? null;
  }

  async remove(tx: Tx, approvalId: string): Promise<boolean> {
    const gone = await tx.query('DELETE FROM egress_approval WHERE approval_id = $1 RETURNING 1', [
      approvalId,
    ]);
    return gone.length > 0;
  }

  private async query<R>(sql: string, params?: unknown[]): Promise<R[]> {
    return rowsOf<R>(await this.dataSource.query(sql, params));
  }
}
