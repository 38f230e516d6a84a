import type { EventId, Severity } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { PendingCommand } from './fold.js';
import type { FoldBatch, KnownIncident } from './fold-batch.js';
import type { WaitingRequest } from './outcome.js';

export interface LaneSeed {
  laneKey: string;
  connectionId: string;
  partnerId: string;
  custId: number;
  accountNo: number;
}

interface Row {
  incidentId: string;
  accountNo: string;
  key: string;
  laneKey: string;
  state: 'open' | 'resolved';
  severity: Severity;
  lastEventId: EventId;
  hasTicket: boolean;
  isReopenable: boolean;
  ticketId: string | null;
  ticketNumber: string | null;
  marker: string;
  occurrences: number;
  pending: PendingCommand[] | null;
}

/** A waiter of a command that was dropped without an heir. */
export interface Released extends WaitingRequest {
  partnerId: string;
  accountNo: number;
}

/** All of it inside the caller's transaction, a fixed number of statements however large the batch. */
export class IncidentRepository {
  constructor(private readonly reopenWithinHours: number) {}

  /** Makes missing lanes and locks all of them, in one order: the dispatcher and other folds wait. */
  async lockLanes(tx: Tx, lanes: readonly LaneSeed[]): Promise<void> {
    const sorted = [...lanes].sort((a, b) => (a.laneKey < b.laneKey ? -1 : 1));
    await tx.query(
      `INSERT INTO lane (lane_key, connection_id, partner_id, cust_id, account_no, state)
       SELECT "laneKey", "connectionId", "partnerId", "custId", "accountNo", 'idle'
       FROM json_to_recordset($1::json) AS l("laneKey" text, "connectionId" uuid, "partnerId" uuid, "custId" bigint, "accountNo" bigint)
       ON CONFLICT (lane_key) DO UPDATE SET cust_id = excluded.cust_id WHERE lane.cust_id <> excluded.cust_id`,
      [JSON.stringify(sorted)],
    );
    await tx.query('SELECT lane_key FROM lane WHERE lane_key = ANY($1) ORDER BY lane_key FOR UPDATE', [
      sorted.map((lane) => lane.laneKey),
    ]);
  }

  /** The newest incident of each (account, key), with its commands that are not finished. */
  async load(tx: Tx, places: readonly { accountNo: number; key: string }[]): Promise<KnownIncident[]> {
    const rows = await tx.query<Row>(
      `SELECT DISTINCT ON (i.account_no, i.incident_key) i.incident_id AS "incidentId", i.account_no AS "accountNo", i.incident_key AS key,
              i.connection_id || '|' || i.account_no AS "laneKey", i.state, i.severity, i.last_event_id AS "lastEventId",
              i.ticket_id IS NOT NULL AS "hasTicket", i.ticket_id AS "ticketId", i.ticket_number AS "ticketNumber", i.marker, i.occurrences,
              coalesce(i.resolved_at > now() - $3 * interval '1 hour', true) AND coalesce(i.ticket_state, '') <> 'deleted'
                AND EXISTS (SELECT 1 FROM psa_connection p WHERE p.connection_id = i.connection_id) AS "isReopenable",
              (SELECT json_agg(json_build_object('commandId', c.command_id, 'kind', c.kind, 'wasSent', c.status <> 'planned') ORDER BY c.seq)
                 FROM command c WHERE c.incident_id = i.incident_id AND c.status IN ('planned', 'sending', 'unknown')) AS pending
       FROM incident i JOIN unnest($1::bigint[], $2::text[]) AS p(account_no, key) ON p.account_no = i.account_no AND p.key = i.incident_key
       ORDER BY i.account_no, i.incident_key, i.opened_at DESC, i.state`,
      [places.map((place) => place.accountNo), places.map((place) => place.key), this.reopenWithinHours],
    );
    return rows.map((row) => ({ ...row, accountNo: Number(row.accountNo), pending: row.pending ?? [] }));
  }

  /** Writes what the batch gathered; answers who waited for commands that were dropped. */
  async save(tx: Tx, batch: FoldBatch): Promise<Released[]> {
    await this.saveIncidents(tx, batch);
    await this.saveCommands(tx, batch);
    const released = await this.dropCommands(tx, batch);
    await this.wakeLanes(tx, batch);
    return released;
  }

  private async saveIncidents(tx: Tx, { incidents, entries }: FoldBatch): Promise<void> {
    if (incidents.size === 0) return;
    const rows = [...incidents.values()].map(({ request, ...change }) => ({
      ...change,
      partnerId: request.partnerId,
      custId: request.custId,
      accountNo: request.accountNo,
      key: request.incidentKey,
      ruleId: request.ruleId,
      eventId: request.eventId,
      subject: JSON.stringify(request.subject),
      isRaise: request.intent === 'raise',
      occurredAt: request.occurredAt,
    }));
    await tx.query(
      `INSERT INTO incident (incident_id, partner_id, connection_id, cust_id, account_no, incident_key, state, severity, rule_id,
                             opened_event_id, last_event_id, marker, subject, occurrences, occurred_at, opened_at, resolved_at)
       SELECT "incidentId", "partnerId", "connectionId", "custId", "accountNo", key, state, severity, "ruleId", "eventId", "lastEventId",
              marker, subject, occurrences, "occurredAt", clock_timestamp(), CASE WHEN state = 'resolved' THEN clock_timestamp() END
       FROM json_to_recordset($1::json) AS r("incidentId" uuid, "partnerId" uuid, "connectionId" uuid, "custId" bigint, "accountNo" bigint,
            key text, state text, severity text, "ruleId" uuid, "eventId" uuid, "lastEventId" uuid, marker text, subject text,
            occurrences int, "occurredAt" timestamptz, "isRaise" boolean)
       ON CONFLICT (incident_id) DO UPDATE SET state = excluded.state, severity = excluded.severity, last_event_id = excluded.last_event_id,
         occurrences = excluded.occurrences,
         resolved_at = CASE WHEN excluded.state = 'resolved' THEN clock_timestamp() END`,
      [JSON.stringify(rows)],
    );
    await tx.query(
      `INSERT INTO incident_entry (incident_id, kind, text, event_id)
       SELECT "incidentId", kind, text, "eventId" FROM json_to_recordset($1::json) AS e("incidentId" uuid, kind text, text text, "eventId" uuid)`,
      [JSON.stringify(entries)],
    );
  }

  private async saveCommands(tx: Tx, { commands, contents, joins }: FoldBatch): Promise<void> {
    if (commands.length > 0) {
      const rows = commands.map((command) => ({ ...command, content: JSON.stringify(command.content) }));
      await tx.query(
        `INSERT INTO command (command_id, lane_key, incident_id, kind, status, content)
         SELECT "commandId", "laneKey", "incidentId", kind, 'planned', content
         FROM json_to_recordset($1::json) AS c("commandId" uuid, "laneKey" text, "incidentId" uuid, kind text, content text)`,
        [JSON.stringify(rows)],
      );
    }
    if (contents.size > 0) {
      await tx.query(
        `UPDATE command SET content = n.content FROM unnest($1::uuid[], $2::text[]) AS n(command_id, content) WHERE command.command_id = n.command_id`,
        [[...contents.keys()], [...contents.values()].map((content) => JSON.stringify(content))],
      );
    }
    if (joins.length === 0) return;
    await tx.query(
      `INSERT INTO command_request (command_id, request_id, event_id, rule_id)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) ON CONFLICT DO NOTHING`,
      [
        joins.map((j) => j.commandId),
        joins.map((j) => j.request.requestId),
        joins.map((j) => j.request.eventId),
        joins.map((j) => j.request.ruleId),
      ],
    );
  }

  private async dropCommands(tx: Tx, { dropped }: FoldBatch): Promise<Released[]> {
    if (dropped.length === 0) return [];
    const ids = dropped.map((drop) => drop.commandId);
    await tx.query(
      "UPDATE command SET status = 'suppressed', finished_at = clock_timestamp() WHERE command_id = ANY($1) AND status = 'planned'",
      [ids],
    );
    const inherited = dropped.filter((drop) => drop.heir !== null);
    // What held the lane up may be gone with them.
    await tx.query(
      `UPDATE lane SET state = 'ready', reason = NULL, attempts = 0, next_attempt_at = now()
       WHERE state = 'attention' AND lane_key IN (SELECT lane_key FROM command WHERE command_id = ANY($1))`,
      [ids],
    );
    // Heirs may be dropped later in the same batch, so each in its order.
    for (const { commandId, heir } of inherited) {
      await tx.query('UPDATE command_request SET command_id = $2 WHERE command_id = $1', [commandId, heir]);
    }
    return tx.query<Released>(
      `SELECT r.request_id AS "requestId", r.event_id AS "eventId", r.rule_id AS "ruleId", i.partner_id AS "partnerId", i.account_no::int AS "accountNo"
       FROM command_request r JOIN command c USING (command_id) JOIN incident i USING (incident_id) WHERE r.command_id = ANY($1)`,
      [ids],
    );
  }

  /** A lane in attention stays there: a person, a new map or new credentials set it going. */
  private async wakeLanes(tx: Tx, { commands, retried }: FoldBatch): Promise<void> {
    if (retried.size > 0)
      await tx.query(
        "UPDATE lane SET state = 'ready', reason = NULL, next_attempt_at = now(), attempts = 0 WHERE lane_key = ANY($1) AND state IN ('attention', 'ready')",
        [[...retried]],
      );
    const keys = [...new Set(commands.map((command) => command.laneKey))];
    if (keys.length === 0) return;
    await tx.query(
      "UPDATE lane SET state = 'ready', next_attempt_at = now(), attempts = 0 WHERE lane_key = ANY($1) AND state = 'idle'",
      [keys],
    );
  }
}
