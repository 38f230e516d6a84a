import type { EventType } from '@backhaul/domain';
import { bucketOf, type Tx } from '@backhaul/persistence';
import { agentIn, machineClassIn, numberIn, wholeNumber } from '../events/body-parts.js';
import type { Heard } from './heard.js';

/** An event as schedules read it, in the order in which the log is published. */
export interface LoggedRun {
  eventId: string;
  xid: string;
  bucket: number;
  partnerId: string;
  accountNo: number;
  jobHash: string;
  type: EventType;
  isConclusive: boolean;
  occurredMs: number;
  receivedMs: number;
  toldMs: number | null;
  /** Who it is and how it went, where a run began or ended. */
  said: Omit<Heard, 'endedMs'>;
}

interface Row {
  event_id: string;
  xid: string;
  bucket: number;
  partner_id: string;
  account_no: string;
  job_hash: string;
  type: EventType;
  is_conclusive: boolean;
  occurred_at: Date;
  received_at: Date;
  told: string | null;
  agent: string | null;
  host_name: string | null;
  job: string | null;
  machine_class: string | null;
  status: string | null;
  severity: string;
  stored: string | null;
}

// A clock that was put back must not keep buckets waiting until it has caught up.
const CLAIM = `
  SELECT bucket FROM schedule_bucket WHERE looked_at <= $1 OR looked_at > $2
  ORDER BY bucket FOR UPDATE SKIP LOCKED`;

/** What Duplicati says of its next run; the body is text, as its numbers and names are not for SQL. */
const TOLD = `CASE WHEN is_conclusive AND strpos(body, '"next-scheduled-run":"') > 0
  THEN substring(body FROM '"next-scheduled-run":"([^"]{1,40})"') END`;

/** Of runs alone: what else is in the log may be long, and says nothing of a job. */
const OF_RUNS = (said: string): string =>
  `CASE WHEN is_conclusive OR type = 'backup.started' THEN ${said} END`;

/** As the relay reads: below the snapshot's xmin nothing can still be committed. */
const READ = `
  SELECT event_id, xid::text, bucket, partner_id, account_no, job_hash::text, type, is_conclusive, occurred_at,
    uuid_extract_timestamp(event_id) AS received_at, ${TOLD} AS told,
    host_name, job, status, severity, ${OF_RUNS(agentIn('body'))} AS agent,
    ${OF_RUNS(machineClassIn('body'))} AS machine_class, ${OF_RUNS(numberIn('body', 'bytes', 'storedAfter'))} AS stored
  FROM (
    SELECT e.* FROM schedule_bucket p CROSS JOIN LATERAL (
      SELECT event_id, xid, bucket, partner_id, account_no, job_hash, type, is_conclusive, occurred_at, body,
        host_name, job, status, severity
      FROM event
      WHERE event.bucket = p.bucket AND (event.xid, event.event_id) > (p.pos_xid, p.pos_id)
        AND event.xid < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY event.xid, event.event_id LIMIT $2) e
    WHERE p.bucket = ANY($1::smallint[])
    ORDER BY e.xid, e.event_id LIMIT $2) next
  ORDER BY next.xid, next.event_id`;

const ADVANCE = `
  UPDATE schedule_bucket b SET pos_xid = p.xid, pos_id = p.id
  FROM unnest($1::smallint[], $2::xid8[], $3::uuid[]) AS p(bucket, xid, id) WHERE b.bucket = p.bucket`;

const UNREAD = `
  SELECT DISTINCT w.account_no::text FROM unnest($1::smallint[], $2::bigint[]) AS w(bucket, account_no)
  WHERE EXISTS (
    SELECT 1 FROM schedule_bucket p JOIN event e ON e.bucket = p.bucket
      AND (e.xid, e.event_id) > (p.pos_xid, p.pos_id)
    WHERE p.bucket = w.bucket AND e.account_no = w.account_no)`;

/** The event log as schedules follow it: a position per bucket, moved in the transaction of what was learned. */
export class ScheduleLog {
  /**
   * The buckets that nobody looked at for `everyMs`, locked until the transaction ends. The lock keeps others away; that
   * they were looked at spares others the look.
   */
  async claim(tx: Tx, now: Date, everyMs: number): Promise<number[]> {
    const before = new Date(now.getTime() - everyMs);
    return (await tx.query<{ bucket: number }>(CLAIM, [before, now])).map(({ bucket }) => bucket);
  }

  async read(tx: Tx, buckets: readonly number[], limit: number): Promise<LoggedRun[]> {
    return (await tx.query<Row>(READ, [buckets, limit])).map(runOf);
  }

  async advance(tx: Tx, runs: readonly LoggedRun[]): Promise<void> {
    const last = [...new Map(runs.map((run) => [run.bucket, run])).values()];
    if (last.length === 0) return;
    await tx.query(ADVANCE, [last.map((r) => r.bucket), last.map((r) => r.xid), last.map((r) => r.eventId)]);
  }

  async noteLook(tx: Tx, buckets: readonly number[], now: Date): Promise<void> {
    await tx.query('UPDATE schedule_bucket SET looked_at = $2 WHERE bucket = ANY($1::smallint[])', [
      buckets,
      now,
    ]);
  }

  /** Until the transaction ends, nobody learns of results of that account; what was being learned is there for all to see. */
  async hold(tx: Tx, accountNo: number): Promise<void> {
    await tx.query('SELECT 1 FROM schedule_bucket WHERE bucket = $1 FOR UPDATE', [
      bucketOf(String(accountNo)),
    ]);
  }

  /** Of these accounts, those of which the log holds something that was not followed yet. */
  async unread(tx: Tx, places: readonly { bucket: number; accountNo: number }[]): Promise<Set<number>> {
    const rows = await tx.query<{ account_no: string }>(UNREAD, [
      places.map(({ bucket }) => bucket),
      places.map(({ accountNo }) => accountNo),
    ]);
    return new Set(rows.map((row) => Number(row.account_no)));
  }
}

const runOf = (row: Row): LoggedRun => ({
  eventId: row.event_id,
  xid: row.xid,
  bucket: row.bucket,
  partnerId: row.partner_id,
  accountNo: Number(row.account_no),
  jobHash: row.job_hash,
  type: row.type,
  isConclusive: row.is_conclusive,
  occurredMs: row.occurred_at.getTime(),
  receivedMs: row.received_at.getTime(),
  toldMs: timeOf(row.told),
  said: {
    agent: row.agent,
    hostName: row.host_name,
    jobName: row.job,
    machineClass: row.machine_class,
    status: row.status,
    severity: row.severity,
    storedBytes: wholeNumber(row.stored),
  },
});

function timeOf(text: string | null): number | null {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : ms;
}
