import {
  type AccountNo,
  type EventId,
  markerFor,
  type PartnerId,
  type RuleId,
  uuidFrom,
} from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';

interface Lost {
  incidentId: string;
  commandId: string;
  laneKey: string;
}

interface Row {
  partnerId: PartnerId;
  accountNo: string;
  ruleId: RuleId;
  lastEventId: EventId;
}

/**
 * The ticket is gone and the problem is not: its incident ends, and a new one opens one new ticket in its place. Those
 * who waited for the old ticket wait for the new one. False when the problem is gone too: then nothing is opened.
 */
export async function replaceTicket(tx: Tx, { incidentId, commandId, laneKey }: Lost): Promise<boolean> {
  const [old] = await tx.query<Row>(
    `UPDATE incident SET state = 'resolved', resolved_at = clock_timestamp() WHERE incident_id = $1 AND state = 'open'
     RETURNING partner_id AS "partnerId", account_no AS "accountNo", rule_id AS "ruleId", last_event_id AS "lastEventId"`,
    [incidentId],
  );
  if (!old) return false;
  // The report that found the ticket gone opened this one; the old marker is that of an earlier report.
  const newId = uuidFrom('incident.replacing', incidentId, commandId);
  const marker = markerFor(old.partnerId, Number(old.accountNo) as AccountNo, old.ruleId, old.lastEventId);
  const createId = uuidFrom('command', newId, 'create');
  await tx.query(
    `INSERT INTO incident (incident_id, partner_id, connection_id, cust_id, account_no, incident_key, state, severity, rule_id,
                           opened_event_id, last_event_id, marker, subject, occurred_at, opened_at)
     SELECT $2, partner_id, connection_id, cust_id, account_no, incident_key, 'open', severity, rule_id,
            last_event_id, last_event_id, $3, subject, occurred_at, clock_timestamp() FROM incident WHERE incident_id = $1`,
    [incidentId, newId, marker],
  );
  await tx.query(
    `INSERT INTO command (command_id, lane_key, incident_id, kind, status, content)
     SELECT $2, $3, $4, 'create', 'planned', content FROM command
     WHERE command_id = $5 OR (incident_id = $1 AND status = 'planned') ORDER BY seq DESC LIMIT 1`,
    [incidentId, createId, laneKey, newId, commandId],
  );
  const moved = await tx.query<{ id: string }>(
    `UPDATE command SET status = 'suppressed', finished_at = clock_timestamp() WHERE incident_id = $1 AND status = 'planned'
     RETURNING command_id AS id`,
    [incidentId],
  );
  await tx.query('UPDATE command_request SET command_id = $1 WHERE command_id = ANY($2)', [
    createId,
    [commandId, ...moved.map(({ id }) => id)],
  ]);
  await tx.query(
    `INSERT INTO incident_entry (incident_id, kind, text, event_id) VALUES ($1, 'opened', 'In place of a ticket that is gone', $2)`,
    [newId, old.lastEventId],
  );
  return true;
}
