/**
 * What goes with an event. `old` names events by `partner_id`, `event_id` and `dedupe_id`. A key goes only if it stands
 * for that very event.
 */
const WITH_IT = `
  keys AS (DELETE FROM event_key k USING old WHERE k.dedupe_id = old.dedupe_id AND k.event_id = old.event_id),
  replays AS (DELETE FROM event_replay r USING old WHERE r.event_id = old.event_id),
  decisions AS (DELETE FROM event_decision d USING old WHERE d.event_id = old.event_id),
  actions AS (DELETE FROM event_action a USING old WHERE a.event_id = old.event_id),
  operations AS (DELETE FROM operation o USING old WHERE o.partner_id = old.partner_id AND o.event_id = old.event_id)`;

/** A run is expected, and the job's last event names it: without it nobody could be told. Past a week nobody looks. */
const NAMES_A_JOB = `x.job_hash <> 0 AND x.due_at > clock_timestamp() - interval '7 days'`;

/** What still waits: to be published, to be joined, for a ticket, for the end of a reprocessing, for the next run. */
const IS_DONE_WITH = `
  CASE WHEN e.bucket IS NULL THEN e.account_no IS NULL OR e.is_discarded
    ELSE EXISTS (SELECT 1 FROM relay_lease p WHERE p.bucket = e.bucket AND (e.xid, e.event_id) <= (p.pos_xid, p.pos_id)) END
  AND NOT EXISTS (SELECT 1 FROM event_action a WHERE a.event_id = e.event_id AND a.state = 'pending')
  AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.event_id = e.event_id AND o.state IN ('queued', 'running'))
  AND NOT EXISTS (SELECT 1 FROM expectation x WHERE x.account_no = e.account_no AND x.job_hash = e.job_hash
    AND x.last_event_id = e.event_id AND ${NAMES_A_JOB})`;

/** Who has events older than that, each found by one step of an index. */
export const PARTNERS_WITH_OLD = `
  WITH RECURSIVE found AS (
    (SELECT partner_id FROM event WHERE event_id < $1 ORDER BY partner_id LIMIT 1)
    UNION ALL
    SELECT (SELECT e.partner_id FROM event e WHERE e.event_id < $1 AND e.partner_id > found.partner_id
            ORDER BY e.partner_id LIMIT 1)
    FROM found WHERE found.partner_id IS NOT NULL)
  SELECT f.partner_id AS "partnerId", r.days FROM found f LEFT JOIN event_retention r USING (partner_id)
  WHERE f.partner_id IS NOT NULL`;

/** A batch of one partner's events between two ids, oldest first, with all that goes with them. */
export const REMOVE = `
  WITH looked AS MATERIALIZED (
    SELECT e.partner_id, e.event_id, e.dedupe_id, ${IS_DONE_WITH} AS is_done_with FROM event e
    WHERE e.partner_id = $1 AND e.event_id > $2 AND e.event_id < $3 ORDER BY e.event_id LIMIT $4
    FOR UPDATE OF e SKIP LOCKED),
  old AS MATERIALIZED (SELECT * FROM looked WHERE is_done_with),
  ${WITH_IT},
  gone AS (DELETE FROM event e USING old WHERE e.partner_id = old.partner_id AND e.event_id = old.event_id)
  SELECT (SELECT count(*)::int FROM looked) AS looked, (SELECT count(*)::int FROM old) AS removed,
    (SELECT event_id FROM looked ORDER BY event_id DESC LIMIT 1) AS last`;

/** Whether anything of a part of the log waits, for whatever. */
export const IS_NEEDED = `
  SELECT event_log_waits($1)
    OR EXISTS (SELECT 1 FROM event_action WHERE event_id >= $2 AND event_id < $3 AND state = 'pending')
    OR EXISTS (SELECT 1 FROM operation WHERE event_id >= $2 AND event_id < $3 AND state IN ('queued', 'running'))
    OR EXISTS (SELECT 1 FROM expectation x WHERE x.last_event_id >= $2 AND x.last_event_id < $3 AND ${NAMES_A_JOB})
    AS "isNeeded"`;

/** Two who remove the same rows would wait for each other crosswise. */
export const ONE_EMPTIES = `SELECT pg_try_advisory_xact_lock(hashtext('event_log_empty')) AS "isOurs"`;

/** What goes with a batch of events of a part of the log that will be dropped whole. */
export const EMPTY_BESIDE = `
  WITH old AS MATERIALIZED (
    SELECT e.partner_id, e.event_id, e.dedupe_id FROM event e
    WHERE e.event_id >= $1 AND e.event_id < $2 AND (e.partner_id, e.event_id) > ($3, $4)
    ORDER BY e.partner_id, e.event_id LIMIT $5),
  ${WITH_IT}
  SELECT partner_id AS "partnerId", event_id AS "eventId", (SELECT count(*)::int FROM old) AS looked
  FROM old ORDER BY partner_id DESC, event_id DESC LIMIT 1`;

/** What was told of events after they had gone. */
export const REMOVE_ORPHANS = `
  DELETE FROM event_action WHERE (event_id, request_id) IN (
    SELECT a.event_id, a.request_id FROM event_action a WHERE a.event_id < $1
      AND NOT EXISTS (SELECT 1 FROM event e WHERE e.partner_id = a.partner_id AND e.event_id = a.event_id) LIMIT $2)`;
