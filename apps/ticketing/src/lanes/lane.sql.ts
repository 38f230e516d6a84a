/**
 * The first unfinished command of each lane, with all that its execution needs.
 * Parameters: lanes, hours within which a ticket is opened again.
 */
export const HEADS = `
SELECT l.lane_key AS "laneKey", c.command_id AS "commandId", c.kind, c.status, c.content, c.sent_at AS "sentAt", clock_timestamp() AS now,
       i.incident_id AS "incidentId", i.marker, i.ticket_id AS "ticketId", i.ticket_number AS "ticketNumber", i.ticket_place AS "ticketPlace", i.state AS "incidentState",
       l.cust_id AS "custId", l.account_no AS "accountNo", l.partner_id AS "partnerId",
       k.name AS "customerName", k.brand_id AS "brandId", a.username, m.psa_company_id AS "psaCompanyId",
       c.kind = 'note' AND coalesce((SELECT max(d.finished_at) FROM command d WHERE d.incident_id = i.incident_id AND d.status = 'done')
                                    < clock_timestamp() - $2 * interval '1 hour', false) AS "isForgotten"
FROM unnest($1::text[]) AS w(lane_key) JOIN lane l USING (lane_key)
CROSS JOIN LATERAL (SELECT * FROM command h WHERE h.lane_key = l.lane_key AND h.status IN ('planned', 'sending', 'unknown')
                    ORDER BY h.seq LIMIT 1) c
JOIN incident i USING (incident_id)
LEFT JOIN known_customer k ON k.partner_id = l.partner_id AND k.cust_id = l.cust_id
LEFT JOIN known_account a ON a.account_no = l.account_no
LEFT JOIN customer_map m ON m.partner_id = l.partner_id AND m.cust_id = l.cust_id`;

/**
 * Locks the lanes of these leases that are still theirs, all in one order: folds lock several lanes in that order too.
 * Parameters: lanes, epochs, commands.
 */
const LOCKED = `
locked AS (
  SELECT w.lane_key, w.epoch, w.command_id FROM lane JOIN unnest($1::text[], $2::bigint[], $3::uuid[]) AS w(lane_key, epoch, command_id)
    ON lane.lane_key = w.lane_key AND lane.lease_epoch = w.epoch
  WHERE lane.state = 'running' ORDER BY lane.lane_key FOR UPDATE OF lane)`;

/** Parameters: lanes, epochs, commands, lease in milliseconds. */
export const MARK_SENDING = `
WITH ${LOCKED},
mine AS (
  UPDATE lane SET lease_until = clock_timestamp() + $4 * interval '1 ms' FROM locked
  WHERE lane.lane_key = locked.lane_key RETURNING lane.lane_key, locked.epoch, locked.command_id)
UPDATE command SET status = CASE WHEN status = 'planned' THEN 'sending' ELSE status END,
  sent_at = CASE WHEN status = 'planned' THEN clock_timestamp() ELSE sent_at END, tries = tries + 1
FROM mine WHERE command.lane_key = mine.lane_key AND command.command_id = mine.command_id
  AND status IN ('planned', 'sending', 'unknown')
RETURNING mine.lane_key AS "laneKey", mine.epoch::text, content`;
