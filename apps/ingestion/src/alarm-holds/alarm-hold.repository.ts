import { type PartnerId, PLATFORM } from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { HeldAlarms } from './held-alarms.js';

/** Those of one partner that were set going or dropped. */
export interface Taken {
  partnerId: PartnerId;
  alarms: number;
}

const PAGE = `
  WITH held AS (
    SELECT coalesce(partner_id, '${PLATFORM}') AS id, count(*)::int AS alarms, min(held_at) AS since
    FROM expectation WHERE held_at IS NOT NULL GROUP BY ROLLUP (partner_id)),
  hold AS (SELECT partner_id AS id, releases_at FROM alarm_hold WHERE ends_at > $1)
  SELECT id AS "partnerId", p.name AS "partnerName", coalesce(held.alarms, 0) AS alarms, held.since,
    hold.releases_at AS "ownUntil", (SELECT releases_at FROM hold WHERE id = '${PLATFORM}') AS "platformUntil"
  FROM hold FULL JOIN held USING (id) LEFT JOIN partner p ON p.partner_id = id
  WHERE (hold.id IS NOT NULL OR id <> '${PLATFORM}') AND ($2::uuid IS NULL OR id > $2)
  ORDER BY id LIMIT $3`;

/** Never waits for a row: who has one of them locked is about to tell it, or has heard that all is well. */
const takeOut = (also: string): string => `
  WITH taken AS (
    UPDATE expectation e SET held_at = NULL, due_at = $2, ver = e.ver + 1${also}
    FROM (
      SELECT account_no, job_hash FROM expectation
      WHERE held_at IS NOT NULL AND ($1::uuid = '${PLATFORM}' OR partner_id = $1) FOR UPDATE SKIP LOCKED) held
    WHERE e.account_no = held.account_no AND e.job_hash = held.job_hash
    RETURNING e.partner_id)
  SELECT partner_id AS "partnerId", count(*)::int AS alarms FROM taken GROUP BY partner_id ORDER BY partner_id`;

/** Alarms that the brake holds. PLATFORM as a partner stands for all of them. */
export class AlarmHoldRepository {
  /** That of all first, then by partner: those with a hold in force, and those of whom something is held. */
  pageAcrossTenants(
    unitOfWork: UnitOfWork,
    now: Date,
    after: string | null,
    limit: number,
  ): Promise<HeldAlarms[]> {
    return unitOfWork.query<HeldAlarms>(PAGE, [now, after, limit]);
  }

  /** They are looked at now. */
  releaseAcrossTenants(tx: Tx, partnerId: PartnerId, now: Date): Promise<Taken[]> {
    return tx.query<Taken>(takeOut(''), [partnerId, now]);
  }

  /** As if reports could not have come in until now: what is expected next is waited for. */
  dropAcrossTenants(tx: Tx, partnerId: PartnerId, now: Date): Promise<Taken[]> {
    return tx.query<Taken>(takeOut(', excused_at = $2'), [partnerId, now]);
  }
}
