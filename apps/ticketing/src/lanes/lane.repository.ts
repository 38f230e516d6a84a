import { Batcher } from '@backhaul/messaging';
import { rowsOf } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import type { CommandContent } from '../incidents/fold-batch.js';
import { CLAIM } from './claim.sql.js';
import { HEADS, MARK_SENDING } from './lane.sql.js';

/** The right to work on one lane. Its epoch is checked with every write; a later owner's is higher. */
export interface Lease {
  laneKey: string;
  connectionId: string;
  epoch: string;
  attempts: number;
  /** This claim is the one that may find out whether the PSA is back. */
  isProbe: boolean;
}

/** What happens between claim and mark are two statements. */
const UNTIL_MARKED_MS = 15_000;

/** A lane may be twice among those at work: as its owner of now and as one who lost it. */
export const leaseId = ({ laneKey, epoch }: Pick<Lease, 'laneKey' | 'epoch'>): string =>
  `${laneKey}@${epoch}`;

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
  /** The board or queue on which it was opened. */
  ticketPlace: string | null;
  incidentState: 'open' | 'resolved';
  custId: number;
  accountNo: number;
  partnerId: string;
  customerName: string | null;
  brandId: string | null;
  username: string | null;
  psaCompanyId: string | null;
  /** Nothing was written to its ticket for so long that a person's closing of it is respected. */
  isForgotten: boolean;
}

interface HeadRow extends Omit<HeadCommand, 'content' | 'custId' | 'accountNo'> {
  laneKey: string;
  content: string;
  custId: string;
  accountNo: string;
}

interface Mark {
  lease: Lease;
  commandId: string;
  leaseMs: number;
}

const headOf = ({ laneKey: _, content, custId, accountNo, ...row }: HeadRow): HeadCommand => ({
  ...row,
  content: JSON.parse(content) as CommandContent,
  custId: Number(custId),
  accountNo: Number(accountNo),
});

/** Lanes at work at the same time are read and marked together: one statement, one commit. */
export class LaneRepository {
  private readonly heads = new Batcher<string, HeadCommand | null>({
    run: (laneKeys) => this.readHeads(laneKeys),
    slots: 2,
  });
  private readonly marks = new Batcher<Mark, CommandContent | null>({
    run: (marks) => this.mark(marks),
    slots: 2,
  });

  constructor(
    private readonly dataSource: DataSource,
    private readonly reopenWithinHours: number,
  ) {}

  /** One statement: the lanes of the connection that waited longest, as many as it may have in flight. */
  async claim(limit: number, leaseMs: number): Promise<Lease[]> {
    return rowsOf<Lease>(await this.dataSource.query(CLAIM, [limit, leaseMs, UNTIL_MARKED_MS]));
  }

  /** The first unfinished command, with all that its execution needs; null when there is none. */
  head({ laneKey }: Lease): Promise<HeadCommand | null> {
    return this.heads.add(laneKey);
  }

  private async readHeads(laneKeys: readonly string[]): Promise<(HeadCommand | null)[]> {
    const rows = rowsOf<HeadRow>(
      await this.dataSource.query(HEADS, [[...new Set(laneKeys)], this.reopenWithinHours]),
    );
    const heads = new Map(rows.map((row) => [row.laneKey, headOf(row)]));
    return laneKeys.map((laneKey) => heads.get(laneKey) ?? null);
  }

  /**
   * Written before the call: from now on the PSA may know. The lease begins anew, so that the call has all of it.
   * Answers the content as it is now, which later requests may have changed; null when the lane or the command is no
   * longer ours.
   */
  markSending(lease: Lease, commandId: string, leaseMs: number): Promise<CommandContent | null> {
    return this.marks.add({ lease, commandId, leaseMs });
  }

  /** All marks are one commit; none of their calls begins before it. */
  private async mark(marks: readonly Mark[]): Promise<(CommandContent | null)[]> {
    const rows = rowsOf<{ laneKey: string; epoch: string; content: string }>(
      await this.dataSource.query(MARK_SENDING, [
        marks.map(({ lease }) => lease.laneKey),
        marks.map(({ lease }) => lease.epoch),
        marks.map(({ commandId }) => commandId),
        Math.min(...marks.map(({ leaseMs }) => leaseMs)),
      ]),
    );
    const contents = new Map(rows.map((row) => [leaseId(row), row.content]));
    return marks.map(({ lease }) => {
      const content = contents.get(leaseId(lease));
      return content === undefined ? null : (JSON.parse(content) as CommandContent);
    });
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
}
