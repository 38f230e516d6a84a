const TOKENS = `least(20, c.tokens + extract(epoch FROM clock_timestamp() - c.tokens_at) / 60 * c.rate_per_minute)`;

/** After an outage: doubled every 10 s from what it began with. */
const IN_FLIGHT_LIMIT = `CASE WHEN c.max_in_flight >= c.full_in_flight THEN c.full_in_flight ELSE least(c.full_in_flight,
  c.max_in_flight * power(2, least(16, floor(extract(epoch FROM clock_timestamp() - c.ramped_at) / 10)))::int) END`;

const IN_FLIGHT = `(SELECT count(*) FROM lane r WHERE r.connection_id = c.connection_id AND r.state = 'running'
  AND r.lease_until > clock_timestamp())::int`;

/** Due; a running lane whose lease has ended died with its worker. */
const IS_DUE = `l.next_attempt_at <= clock_timestamp()
  AND (l.state = 'ready' OR (l.state = 'running' AND l.lease_until <= clock_timestamp()))`;

/**
 * The claim. `conn`: of the connections with due lanes that may be called now, the one served longest ago (so partners
 * take turns), its row locked so that two workers never share out one budget. A claim that came too late to see the
 * last one's lanes (`claim_xid` outside its snapshot) passes the connection by: its count of calls would be old.
 * `room`: how many calls it may begin, by tokens, by what is in flight and by the breaker; while the PSA or its
 * credentials are in doubt, one probe at a time. `picked`: its due lanes; the lane row is the lock.
 * Parameters: most lanes, lease in milliseconds, lease in milliseconds until the first command is marked as sent; marking
 * begins it anew. Who dies in between, or never hears of its claim, has called nobody and is soon replaced.
 */
export const CLAIM = `
WITH conn AS (
  SELECT c.connection_id, c.breaker, c.breaker <> 'closed' OR coalesce(c.trouble, '') = 'credential' AS is_probe,
         ${TOKENS} AS tokens, ${IN_FLIGHT_LIMIT} AS in_flight_limit, ${IN_FLIGHT} AS in_flight
  FROM psa_connection c
  WHERE c.resume_at <= clock_timestamp()
    AND (c.breaker = 'closed' OR c.breaker_until <= clock_timestamp())
    AND ${TOKENS} >= 1
    AND pg_visible_in_snapshot(c.claim_xid, pg_current_snapshot())
    AND EXISTS (SELECT 1 FROM lane l WHERE l.connection_id = c.connection_id AND ${IS_DUE})
    AND (c.breaker <> 'closed' OR ${IN_FLIGHT} < ${IN_FLIGHT_LIMIT})
  ORDER BY c.claimed_at LIMIT 1 FOR UPDATE SKIP LOCKED),
room AS (
  SELECT conn.*, CASE WHEN is_probe THEN 1
    ELSE greatest(0, least($1::int, floor(tokens)::int, in_flight_limit - in_flight)) END AS free
  FROM conn),
picked AS (
  SELECT l.lane_key FROM lane l JOIN room USING (connection_id) WHERE ${IS_DUE}
  ORDER BY l.next_attempt_at LIMIT (SELECT coalesce(max(free), 0) FROM room) FOR UPDATE OF l SKIP LOCKED),
claimed AS (
  UPDATE lane SET state = 'running', lease_epoch = lease_epoch + 1, lease_until = clock_timestamp()
    + CASE WHEN (SELECT is_probe FROM room) THEN $2::int ELSE least($2::int, $3::int) END * interval '1 ms'
  FROM picked WHERE lane.lane_key = picked.lane_key
  RETURNING lane.lane_key, lane.connection_id, lane.lease_epoch, lane.attempts),
paid AS (
  UPDATE psa_connection c SET claimed_at = clock_timestamp(), tokens_at = clock_timestamp(), claim_xid = pg_current_xact_id(),
    tokens = room.tokens - (SELECT count(*) FROM claimed),
    max_in_flight = CASE WHEN NOT room.is_probe AND room.in_flight_limit >= c.full_in_flight THEN c.full_in_flight ELSE c.max_in_flight END,
    breaker = CASE WHEN room.breaker = 'closed' THEN 'closed' ELSE 'half_open' END,
    breaker_until = CASE WHEN room.breaker = 'closed' THEN c.breaker_until ELSE clock_timestamp() + $2 * interval '1 ms' END,
    resume_at = CASE WHEN c.trouble = 'credential' THEN clock_timestamp() + $2 * interval '1 ms' ELSE c.resume_at END
  FROM room WHERE c.connection_id = room.connection_id)
SELECT claimed.lane_key AS "laneKey", claimed.connection_id AS "connectionId", claimed.lease_epoch::text AS epoch, claimed.attempts,
       room.is_probe AS "isProbe"
FROM claimed JOIN room USING (connection_id)`;
