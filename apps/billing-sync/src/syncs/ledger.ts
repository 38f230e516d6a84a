import { systemClock, uuidv7 } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { BackupStatistics } from '@backhaul/psa';
import type { Place, WaitingSync } from './sync.repository.js';

export const TRIGGERS = ['event', 'reprocess', 'manual', 'window_end'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** How a push ended. */
export interface Ended {
  state: 'pushed' | 'failed';
  reason: string;
  message: string;
  figures: BackupStatistics;
  /** What the PSA held; null where it was not asked. */
  before: BackupStatistics | null;
  /** The row of its report. */
  reportId: string | null;
}

interface Pushed extends Place {
  orderedSyncId: string | null;
  waiting: readonly WaitingSync[];
}

export function triggerOf({ orderedSyncId, waiting }: Omit<Pushed, keyof Place>): Trigger {
  if (orderedSyncId !== null) return 'manual';
  if (waiting.length === 0) return 'window_end';
  return waiting.some(({ isForced }) => isForced) ? 'reprocess' : 'event';
}

/** The ledger's line of a push: that of the order which asked for it, or a new one. @param events how many asked */
export async function insertSync(tx: Tx, job: Pushed, ended: Ended, events: number): Promise<void> {
  const { partnerId, custId, orderedSyncId, waiting } = job;
  const [first] = waiting;
  await tx.query(
    `INSERT INTO sync AS s (sync_id, partner_id, cust_id, trigger, state, reason, message, before, figures, report_id, event_id,
       account_no, events, ended_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, clock_timestamp())
     ON CONFLICT (sync_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, message = excluded.message,
       before = excluded.before, figures = excluded.figures, report_id = excluded.report_id, events = excluded.events,
       ended_at = excluded.ended_at WHERE s.state = 'pending'`,
    [
      orderedSyncId ?? uuidv7(systemClock.now().getTime()), partnerId, custId, triggerOf(job), ended.state, ended.reason, ended.message,
      ended.before && JSON.stringify(ended.before), JSON.stringify(ended.figures), ended.reportId, first?.eventId ?? null,
      first?.accountNo ?? null, events,
    ], // prettier-ignore
  );
}
