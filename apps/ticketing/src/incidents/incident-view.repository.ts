import type { Severity } from '@backhaul/domain';
import type { Provider } from '@backhaul/messaging';
import { rowsOf, type Scope, withinScope } from '@backhaul/persistence';
import { COLUMNS as SCOPE_COLUMNS, TABLES } from '../read-models/scope-tables.js';
import type { DataSource } from 'typeorm';
import type { IncidentOut, TimelineOut } from './incidents.types.js';

interface Row {
  id: string;
  accountNo: string;
  custId: string;
  key: string;
  state: 'open' | 'resolved';
  severity: Severity;
  openedAt: Date;
  resolvedAt: Date | null;
  occurrences: number;
  ticketId: string | null;
  ticketNumber: string | null;
  ticketState: string | null;
  ticketUrl: string | null;
}

const COLUMNS = `incident_id AS id, account_no AS "accountNo", cust_id AS "custId", incident_key AS key, state, severity, opened_at AS "openedAt",
  resolved_at AS "resolvedAt", occurrences, ticket_id AS "ticketId", ticket_number AS "ticketNumber", ticket_state AS "ticketState", ticket_url AS "ticketUrl"`;

export interface IncidentFilter {
  before: string | null;
  limit: number;
  state?: string | undefined;
  accountNo?: number | undefined;
}

/** Incidents as partners see them. The scope comes first in every method. */
export class IncidentViewRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly provider: Provider,
  ) {}

  /** Newest first, those opened before `before` (`openedAt|id`). */
  async page(scope: Scope, { before, limit, state, accountNo }: IncidentFilter): Promise<IncidentOut[]> {
    const [at, id] = before?.split('|') ?? [];
    const params: unknown[] = [limit, state ?? null, accountNo ?? null, at ?? null, id ?? null];
    const where = withinScope(scope, TABLES, SCOPE_COLUMNS, params);
    const answer: unknown = await this.dataSource.query(
      `SELECT ${COLUMNS} FROM incident WHERE ${where} AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR account_no = $3)
         AND ($4::timestamptz IS NULL OR (date_trunc('milliseconds', opened_at), incident_id) < ($4, $5::uuid))
       ORDER BY date_trunc('milliseconds', opened_at) DESC, incident_id DESC LIMIT $1`,
      params,
    );
    return rowsOf<Row>(answer).map((row) => this.out(row));
  }

  async find(scope: Scope, incidentId: string): Promise<IncidentOut | null> {
    const params: unknown[] = [incidentId];
    const where = withinScope(scope, TABLES, SCOPE_COLUMNS, params);
    const rows = rowsOf<Row>(
      await this.dataSource.query(
        `SELECT ${COLUMNS} FROM incident WHERE ${where} AND incident_id = $1`,
        params,
      ),
    );
    if (!rows[0]) return null;
    const entries = rowsOf<{ at: Date; kind: string; text: string; eventId: string | null }>(
      await this.dataSource.query(
        'SELECT at, kind, text, event_id AS "eventId" FROM incident_entry WHERE incident_id = $1 ORDER BY entry_id LIMIT 1000',
        [incidentId],
      ),
    );
    const timeline: TimelineOut[] = entries.map(({ at, kind, text, eventId }) => ({
      at: at.toISOString(),
      kind,
      text,
      ...(eventId && { eventId }),
    }));
    return { ...this.out(rows[0]), timeline };
  }

  private out(row: Row): IncidentOut {
    const { ticketId, ticketNumber, ticketState, ticketUrl, ...incident } = row;
    const ticket =
      ticketId === null
        ? {}
        : {
            ticket: {
              provider: this.provider,
              id: ticketId,
              number: ticketNumber ?? ticketId,
              state: ticketState,
              url: ticketUrl,
            },
          };
    return {
      ...incident,
      accountNo: Number(row.accountNo),
      custId: Number(row.custId),
      openedAt: row.openedAt.toISOString(),
      resolvedAt: row.resolvedAt?.toISOString() ?? null,
      ...ticket,
    };
  }
}
