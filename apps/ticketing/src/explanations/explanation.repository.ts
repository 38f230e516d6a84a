import type { Provider } from '@backhaul/messaging';
import { rowsOf, type Scope, withinScope } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { type LaneView, LaneViewRepository } from '../lanes/lane-view.repository.js';
import { TABLES } from '../read-models/scope-tables.js';

/** What one event did to one problem. */
export interface IncidentPart {
  id: string;
  state: 'open' | 'resolved';
  /** The event opened it. */
  isOpenedByIt: boolean;
  ticket: { id: string; number: string; state: string | null; url: string | null } | null;
  /** What the timeline says of this event. */
  entries: { at: string; kind: string; text: string }[];
  /** What was to be done at the PSA for it. */
  commands: { kind: string; status: string; finishedAt: string | null }[];
}

export interface TicketingExplained {
  provider: Provider;
  /** Null without a connection to this PSA. */
  connection: { isEnabled: boolean; breaker: string; trouble: string | null } | null;
  incidents: IncidentPart[];
  /** The account's work that waits. */
  lane: LaneView | null;
}

interface Row extends Omit<IncidentPart, 'ticket' | 'entries' | 'commands'> {
  ticketId: string | null;
  ticketNumber: string | null;
  ticketState: string | null;
  ticketUrl: string | null;
  entries: IncidentPart['entries'] | null;
  commands: IncidentPart['commands'] | null;
}

const OF_INCIDENT = { partner: 'i.partner_id', customer: 'i.cust_id', account: 'i.account_no' };
const isoOf = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The ticket of a site outage is kept with one account, and tells of others of the customer. */
const NEAR = `(i.account_no = $1 OR i.incident_key LIKE '%/site:%'
  AND i.cust_id = (SELECT a.cust_id FROM known_account a WHERE a.account_no = $1))`;

/** By account first, which has few problems; then those that speak of the event. */
const INCIDENTS = `
  SELECT i.incident_id AS id, i.state, i.opened_event_id = $2 AS "isOpenedByIt", i.ticket_id AS "ticketId",
         i.ticket_number AS "ticketNumber", i.ticket_state AS "ticketState", i.ticket_url AS "ticketUrl", e.entries, c.commands
  FROM incident i
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('at', ${isoOf('e.at')}, 'kind', e.kind, 'text', e.text) ORDER BY e.entry_id) AS entries
    FROM incident_entry e WHERE e.incident_id = i.incident_id AND e.event_id = $2) e
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('kind', k.kind, 'status', k.status, 'finishedAt', ${isoOf('k.finished_at')}) ORDER BY k.seq) AS commands
    FROM command k WHERE k.incident_id = i.incident_id
      AND EXISTS (SELECT 1 FROM command_request r WHERE r.command_id = k.command_id AND r.event_id = $2)) c`;

/** What ticketing knows of one event. The scope comes first. */
export class ExplanationRepository {
  private readonly lanes: LaneViewRepository;

  constructor(
    private readonly dataSource: DataSource,
    private readonly provider: Provider,
  ) {
    this.lanes = new LaneViewRepository(dataSource, provider);
  }

  async explain(scope: Scope, eventId: string, accountNo: number): Promise<TicketingExplained> {
    const [incidents, [lane], connection] = await Promise.all([
      this.incidents(scope, eventId, accountNo),
      this.lanes.page(scope, { accountNo }, null, 1),
      this.connection(scope),
    ]);
    return {
      provider: this.provider,
      connection,
      incidents,
      lane: lane && lane.waiting > 0 ? lane : null,
    };
  }

  private async incidents(scope: Scope, eventId: string, accountNo: number): Promise<IncidentPart[]> {
    const params: unknown[] = [accountNo, eventId];
    const where = withinScope(scope, TABLES, OF_INCIDENT, params);
    const answer: unknown = await this.dataSource.query(
      `${INCIDENTS} WHERE ${where} AND ${NEAR} AND (e.entries IS NOT NULL OR c.commands IS NOT NULL)
       ORDER BY i.opened_at LIMIT 50`,
      params,
    );
    return rowsOf<Row>(answer).map(({ ticketId, ticketNumber, ticketState, ticketUrl, ...row }) => ({
      ...row,
      ticket:
        ticketId === null
          ? null
          : { id: ticketId, number: ticketNumber ?? ticketId, state: ticketState, url: ticketUrl },
      entries: row.entries ?? [],
      commands: row.commands ?? [],
    }));
  }

  private async connection({ partnerId }: Scope): Promise<TicketingExplained['connection']> {
    const answer: unknown = await this.dataSource.query(
      'SELECT is_enabled AS "isEnabled", breaker, trouble FROM psa_connection WHERE partner_id = $1',
      [partnerId],
    );
    return rowsOf<NonNullable<TicketingExplained['connection']>>(answer)[0] ?? null;
  }
}
