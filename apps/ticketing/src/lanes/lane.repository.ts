import { rowsOf } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import type { CommandContent } from '../incidents/fold-batch.js';
import { CLAIM } from './claim.sql.js';

/** The right to work on one lane. Its epoch is checked with every write; a later owner's is higher. */
export interface Lease {
  laneKey: string;
  connectionId: string;
  epoch: string;
  attempts: number;
  /** This claim is the one that may find out whether the PSA is back. */
  isProbe: boolean;
}

export interface HeadCommand {
  commandId: string;
  kind: 'create' | 'note' | 'close' | 'reopen';
  status: 'planned' | 'sending' | 'unknown';
  content: CommandContent;
  sentAt: Date | null;
  now: Date;
  incidentId: string;
  marker: string;
  ticketId: string | null;
  ticketNumber: string | null;
  incidentState: 'open' | 'resolved';
  custId: number;
  accountNo: number;
  partnerId: string;
  customerName: string | null;
  username: string | null;
  psaCompanyId: string | null;
  /** Nothing was written to its ticket for so long that a person's closing of it is respected. */
  isForgotten: boolean;
}

interface HeadRow extends Omit<HeadCommand, 'content' | 'custId' | 'accountNo'> {
  content: string;
  custId: string;
  accountNo: string;
}

export class LaneRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reopenWithinHours: number,
  ) {}

  /** One statement: the lanes of the connection that waited longest, as many as it may have in flight. */
  async claim(limit: number, leaseMs: number): Promise<Lease[]> {
    return rowsOf<Lease>(await this.dataSource.query(CLAIM, [limit, leaseMs]));
  }

  /** The first unfinished command, with all that its execution needs; null when there is none. */
  async head({ laneKey }: Lease): Promise<HeadCommand | null> {
    const rows = rowsOf<HeadRow>(
      await this.dataSource.query(
        `SELECT c.command_id AS "commandId", c.kind, c.status, c.content, c.sent_at AS "sentAt", clock_timestamp() AS now,
                i.incident_id AS "incidentId", i.marker, i.ticket_id AS "ticketId", i.ticket_number AS "ticketNumber", i.state AS "incidentState",
                l.cust_id AS "custId", l.account_no AS "accountNo", l.partner_id AS "partnerId",
                k.name AS "customerName", a.username, m.psa_company_id AS "psaCompanyId",
                coalesce((SELECT max(d.finished_at) FROM command d WHERE d.incident_id = i.incident_id AND d.status = 'done')
                         < clock_timestamp() - $2 * interval '1 hour', false) AS "isForgotten"
         FROM command c JOIN incident i USING (incident_id) JOIN lane l USING (lane_key)
         LEFT JOIN known_customer k ON k.partner_id = l.partner_id AND k.cust_id = l.cust_id
         LEFT JOIN known_account a ON a.account_no = l.account_no
         LEFT JOIN customer_map m ON m.partner_id = l.partner_id AND m.cust_id = l.cust_id
         WHERE c.lane_key = $1 AND c.status IN ('planned', 'sending', 'unknown') ORDER BY c.seq LIMIT 1`,
        [laneKey, this.reopenWithinHours],
      ),
    );
    const row = rows[0];
    if (!row) return null;
    return {
      ...row,
      content: JSON.parse(row.content) as CommandContent,
      custId: Number(row.custId),
      accountNo: Number(row.accountNo),
    };
  }

  /**
   * Written before the call: from now on the PSA may know. The lease begins anew, so that the call has all of it.
   * Answers the content as it is now, which later requests may have changed; null when the lane or the command is no
   * longer ours.
   */
  async markSending(lease: Lease, commandId: string, leaseMs: number): Promise<CommandContent | null> {
    const rows = rowsOf<{ content: string }>(
      await this.dataSource.query(
        `WITH mine AS (UPDATE lane SET lease_until = clock_timestamp() + $4 * interval '1 ms'
                       WHERE lane_key = $1 AND lease_epoch = $2 AND state = 'running' RETURNING lane_key)
         UPDATE command SET status = CASE WHEN status = 'planned' THEN 'sending' ELSE status END,
           sent_at = CASE WHEN status = 'planned' THEN clock_timestamp() ELSE sent_at END, tries = tries + 1
         FROM mine WHERE command.lane_key = mine.lane_key AND command_id = $3 AND status IN ('planned', 'sending', 'unknown')
         RETURNING content`,
        [lease.laneKey, lease.epoch, commandId, leaseMs],
      ),
    );
    return rows[0] ? (JSON.parse(rows[0].content) as CommandContent) : null;
  }

  /** The search is over and settled: the call itself is made once more. False when the lane is no longer ours. */
  async markAgain(lease: Lease, commandId: string): Promise<boolean> {
    const rows = rowsOf(
      await this.dataSource.query(
        `WITH mine AS (SELECT lane_key FROM lane WHERE lane_key = $1 AND lease_epoch = $2 AND state = 'running' FOR UPDATE)
         UPDATE command SET sent_at = clock_timestamp() FROM mine
         WHERE command.lane_key = mine.lane_key AND command_id = $3 AND status IN ('sending', 'unknown') RETURNING command_id`,
        [lease.laneKey, lease.epoch, commandId],
      ),
    );
    return rows.length === 1;
  }

  /** Gives the lane back: to its next command, or to rest. */
  async release(
    lease: Lease,
    { delayMs = 0, attempts = 0 }: { delayMs?: number; attempts?: number } = {},
  ): Promise<void> {
    await this.dataSource.query(
      `UPDATE lane SET attempts = $4, lease_until = '-infinity', next_attempt_at = clock_timestamp() + $3 * interval '1 ms',
         state = CASE WHEN EXISTS (SELECT 1 FROM command c WHERE c.lane_key = $1 AND c.status IN ('planned', 'sending', 'unknown')) THEN 'ready' ELSE 'idle' END
       WHERE lane_key = $1 AND lease_epoch = $2 AND state = 'running'`,
      [lease.laneKey, lease.epoch, delayMs, attempts],
    );
  }

  /** A person has to look, or a map or credentials have to come. */
  async setAttention(lease: Lease, reason: string): Promise<void> {
    await this.dataSource.query(
      "UPDATE lane SET state = 'attention', reason = $3, lease_until = '-infinity' WHERE lane_key = $1 AND lease_epoch = $2 AND state = 'running'",
      [lease.laneKey, lease.epoch, reason],
    );
  }
}
