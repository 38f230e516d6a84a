import { type Clock, type JobResult, uuidv7 } from '@backhaul/domain';
import { bucketOf, Repeated, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import { KOPIA_ERROR } from '../adapters/kopia/snapshots.js';

/** How long an error waits for the report of its run. Kopia sends the two within one second. */
const HOLD_MS = 10_000;
const EVERY_MS = 1000;
const BATCH = 100;
/** Reports received before this are of other runs. */
const LOOK_BACK_MS = 3_600_000;

const HELD = 'bucket IS NULL AND account_no IS NOT NULL AND NOT is_discarded';

// A success never takes an error in: then the two tell of different things.
const JOIN = `
  UPDATE event e SET is_discarded = true
  WHERE ${HELD} AND e.event_id > $1 AND EXISTS (
    SELECT 1 FROM event r
    WHERE r.partner_id = e.partner_id AND r.account_no = e.account_no AND r.event_id > $1 AND r.bucket IS NOT NULL
      AND r.is_conclusive AND NOT r.is_success
      AND r.occurred_at BETWEEN e.occurred_at - interval '60 s' AND e.occurred_at + interval '60 s'
      AND (r.body::json #>> '{source,agent}') = 'kopia'
      AND (r.body::json #>> '{source,endpointId}') = (e.body::json #>> '{source,endpointId}')
      AND (r.body::json #>> '{outcome,nativeStatus}') IS DISTINCT FROM '${KOPIA_ERROR}')
  RETURNING e.event_id`;

const OVERDUE = `
  SELECT partner_id, event_id, account_no FROM event WHERE ${HELD} AND event_id < $1
  ORDER BY event_id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;

const RELEASE = `
  UPDATE event e SET bucket = h.bucket, xid = pg_current_xact_id()
  FROM unnest($1::uuid[], $2::uuid[], $3::smallint[]) AS h(partner_id, event_id, bucket)
  WHERE e.partner_id = h.partner_id AND e.event_id = h.event_id`;

interface HeldRow {
  partner_id: string;
  event_id: string;
  account_no: string;
}

/** Whether the result is to wait for another report of the same run (N2). */
export function isHeld({ outcome }: JobResult, agent: string): boolean {
  return agent === 'kopia' && outcome.nativeStatus === KOPIA_ERROR;
}

/**
 * Joins Kopia's `generic-error` to the report of the same run (N2): same endpoint, ended within 60 s, whichever came
 * first. The joined error keeps its bytes and is neither shown nor published; without a report it becomes an event of
 * its own after ten seconds.
 */
export class HeldErrors {
  private readonly passes: Repeated;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    logger: Logger,
    private readonly onRelease: () => void,
  ) {
    this.passes = new Repeated(
      () => this.pass().then(() => false),
      EVERY_MS,
      (error) => logger.warn({ err: error }, 'held errors cannot be looked at; will be tried again'),
    );
  }

  start(): void {
    this.passes.start();
  }

  stop(): Promise<void> {
    return this.passes.stop();
  }

  /** Looks once at everything that is held. */
  async pass(): Promise<{ joined: number; released: number }> {
    const now = this.clock.now().getTime();
    const joined = await this.unitOfWork.query<unknown>(JOIN, [uuidv7(now - LOOK_BACK_MS)]);
    const released = await this.unitOfWork.run((tx) => release(tx, uuidv7(now - HOLD_MS)));
    if (released > 0) this.onRelease();
    return { joined: joined.length, released };
  }
}

/** The new transaction id puts the rows behind everything published so far, hence into the relay's way. */
async function release(tx: Tx, before: string): Promise<number> {
  const rows = await tx.query<HeldRow>(OVERDUE, [before]);
  if (rows.length === 0) return 0;
  await tx.query(RELEASE, [
    rows.map((row) => row.partner_id),
    rows.map((row) => row.event_id),
    rows.map((row) => bucketOf(row.account_no)),
  ]);
  return rows.length;
}
