import type { Provider } from '@backhaul/messaging';
import { publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { mapCheckMessage } from './map-check-message.js';

/** A map whose turn it is. */
export interface DueMap {
  connectionId: string;
  partnerId: string;
  /** Customers up to this one are done. */
  after: number;
  /** The end of the lease, which is its epoch too. */
  lease: string;
}

export interface MappedCompany {
  custId: number;
  psaCompanyId: string;
}

export interface CheckedCompany extends MappedCompany {
  problems: readonly string[];
}

/** Longer than one question takes; each answer begins it anew. */
const LEASE_MS = 60_000;
const LEASE = `clock_timestamp() + ${LEASE_MS} * interval '1 ms'`;
const DUE =
  'connection_id AS "connectionId", partner_id AS "partnerId", map_after::int AS after, map_lease_until::text AS lease';
/** Whatever holds back tickets holds back this. */
const MAY_BE_CALLED = `breaker = 'closed' AND resume_at <= clock_timestamp() AND trouble IS DISTINCT FROM 'credential'
  AND is_enabled AND NOT needs_change`;

/** How far the daily look at customer maps has come, and what accounts was told of them. */
export class MapCheckRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly provider: Provider,
  ) {}

  /** The map that waits longest, for nobody else as long as the lease lasts; null where none is due. */
  async claim(everyMs: number): Promise<DueMap | null> {
    const rows = await this.unitOfWork.query<DueMap>(
      `UPDATE psa_connection SET map_lease_until = ${LEASE} WHERE connection_id = (
         SELECT connection_id FROM psa_connection c WHERE ${MAY_BE_CALLED} AND map_lease_until <= clock_timestamp()
           AND map_checked_at < clock_timestamp() - $1 * interval '1 ms'
           AND EXISTS (SELECT 1 FROM customer_map m WHERE m.partner_id = c.partner_id AND m.psa_company_id IS NOT NULL)
         ORDER BY map_checked_at, connection_id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${DUE}`,
      [everyMs],
    );
    return rows[0] ?? null;
  }

  next({ partnerId, after }: DueMap, limit: number): Promise<MappedCompany[]> {
    return this.unitOfWork.query(
      `SELECT cust_id::int AS "custId", psa_company_id AS "psaCompanyId" FROM customer_map
       WHERE partner_id = $1 AND cust_id > $2 AND psa_company_id IS NOT NULL ORDER BY cust_id LIMIT $3`,
      [partnerId, after, limit],
    );
  }

  /** Keeps what was found and tells accounts what it does not know; null where somebody else has gone on meanwhile. */
  tell(due: DueMap, checked: readonly CheckedCompany[], at: string): Promise<DueMap | null> {
    return this.unitOfWork.run(async (tx) => {
      const [next] = await tx.query<DueMap>(
        `UPDATE psa_connection SET map_after = $3, map_lease_until = ${LEASE}
         WHERE connection_id = $1 AND map_lease_until = $2::timestamptz RETURNING ${DUE}`,
        [due.connectionId, due.lease, checked.at(-1)?.custId ?? due.after],
      );
      if (!next) return null;
      const news = await this.changed(tx, due.partnerId, checked);
      const { partnerId } = due;
      const { provider } = this;
      await publishAll(tx, news.map(({ problems, ...row }) =>
        mapCheckMessage({ ...row, partnerId, provider, problems: JSON.parse(problems) as string[], at }))); // prettier-ignore
      return next;
    });
  }

  /** All were looked at: the next time is a round later. */
  async finish({ connectionId, lease }: DueMap): Promise<void> {
    await this.unitOfWork.query(
      `UPDATE psa_connection SET map_checked_at = clock_timestamp(), map_after = 0, map_lease_until = '-infinity'
       WHERE connection_id = $1 AND map_lease_until = $2::timestamptz`,
      [connectionId, lease],
    );
  }

  /** It goes on from here, not before `ms` have passed. */
  async defer({ connectionId, lease }: DueMap, ms: number): Promise<void> {
    await this.unitOfWork.query(
      `UPDATE psa_connection SET map_lease_until = clock_timestamp() + $3 * interval '1 ms'
       WHERE connection_id = $1 AND map_lease_until = $2::timestamptz`,
      [connectionId, lease, ms],
    );
  }

  /** Of a customer that was mapped anew meanwhile nothing is known. */
  private changed(
    tx: Tx,
    partnerId: string,
    checked: readonly CheckedCompany[],
  ): Promise<(MappedCompany & { problems: string })[]> {
    return tx.query(
      `UPDATE customer_map m SET problems = n.problems
       FROM unnest($2::bigint[], $3::text[], $4::text[]) AS n (cust_id, company, problems)
       WHERE m.partner_id = $1 AND m.cust_id = n.cust_id AND m.psa_company_id = n.company
         AND m.problems IS DISTINCT FROM n.problems
       RETURNING m.cust_id::int AS "custId", m.psa_company_id AS "psaCompanyId", m.problems`,
      [
        partnerId,
        checked.map(({ custId }) => custId),
        checked.map(({ psaCompanyId }) => psaCompanyId),
        checked.map(({ problems }) => JSON.stringify(problems)),
      ],
    );
  }
}
