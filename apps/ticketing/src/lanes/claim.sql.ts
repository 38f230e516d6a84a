/**
 * The claim. `conn`: of the connections with due lanes that may be called now, the one served longest ago (so partners
 * take turns), its row locked so that two workers never share out one budget. `room`: how many calls it may begin,
 * by tokens, by what is in flight and by the breaker: while that is not closed one probe at a time.
 * `picked`: its due lanes; a running lane whose lease has ended died with its worker. The lane row is the lock.
 * Parameters: most lanes, lease in milliseconds.
 */
export const CLAIM = `
WITH conn AS (
  SELECT c.connection_id, c.breaker,
         least(20, c.tokens + extract(epoch FROM clock_timestamp() - c.tokens_at) / 60 * c.rate_per_minute) AS tokens,
         CASE WHEN c.max_in_flight >= c.full_in_flight THEN c.full_in_flight
              ELSE least(c.full_in_flight, c.max_in_flight * power(2, floor(extract(epoch FROM clock_timestamp() - c.ramped_at) / 10))::int) END AS in_flight_limit
  FROM psa_connection c
  WHERE c.resume_at <= clock_timestamp()
    AND (c.breaker = 'closed' OR c.breaker_until <= clock_timestamp())
    AND c.tokens + extract(epoch FROM clock_timestamp() - c.tokens_at) / 60 * c.rate_per_minute >= 1
    AND EXISTS (SELECT 1 FROM lane l WHERE l.connection_id = c.connection_id AND l.next_attempt_at <= clock_timestamp()
                  AND (l.state = 'ready' OR (l.state = 'running' AND l.lease_until <= clock_timestamp())))
    AND (SELECT count(*) FROM lane r WHERE r.connection_id = c.connection_id AND r.state = 'running' AND r.lease_until > clock_timestamp()) < c.full_in_flight
  ORDER BY c.claimed_at LIMIT 1 FOR UPDATE SKIP LOCKED),
room AS (
  SELECT conn.*, CASE WHEN breaker = 'closed'
    THEN greatest(0, least($1::int, floor(tokens)::int, in_flight_limit
           - (SELECT count(*) FROM lane r WHERE r.connection_id = conn.connection_id AND r.state = 'running' AND r.lease_until > clock_timestamp())::int))
    ELSE 1 END AS free
  FROM conn),
picked AS (
  SELECT l.lane_key FROM lane l JOIN room USING (connection_id)
  WHERE l.next_attempt_at <= clock_timestamp() AND (l.state = 'ready' OR (l.state = 'running' AND l.lease_until <= clock_timestamp()))
  ORDER BY l.next_attempt_at LIMIT (SELECT coalesce(max(free), 0) FROM room) FOR UPDATE OF l SKIP LOCKED),
claimed AS (
  UPDATE lane SET state = 'running', lease_epoch = lease_epoch + 1, lease_until = clock_timestamp() + $2 * interval '1 ms'
  FROM picked WHERE lane.lane_key = picked.lane_key
  RETURNING lane.lane_key, lane.connection_id, lane.lease_epoch, lane.attempts),
paid AS (
  UPDATE psa_connection c SET claimed_at = clock_timestamp(), tokens_at = clock_timestamp(),
    tokens = room.tokens - (SELECT count(*) FROM claimed),
    max_in_flight = CASE WHEN room.breaker = 'closed' AND room.in_flight_limit >= c.full_in_flight THEN c.full_in_flight ELSE c.max_in_flight END,
    breaker = CASE WHEN room.breaker = 'closed' THEN 'closed' ELSE 'half_open' END,
    breaker_until = CASE WHEN room.breaker = 'closed' THEN c.breaker_until ELSE clock_timestamp() + $2 * interval '1 ms' END
  FROM room WHERE c.connection_id = room.connection_id)
SELECT claimed.lane_key AS "laneKey", claimed.connection_id AS "connectionId", claimed.lease_epoch::text AS epoch, claimed.attempts,
       room.breaker <> 'closed' AS "isProbe"
FROM claimed JOIN room USING (connection_id)`;
