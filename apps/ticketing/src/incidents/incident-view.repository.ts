import type { Severity } from '@backhaul/domain';
import { COUNTED_UP_TO } from '@backhaul/http';
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
  state?: string | undefined;
  accountNo?: number | undefined;
  custId?: number | undefined;
}

/** Where a page begins and ends. */
export interface IncidentPage {
  before: string | null;
  limit: number;
}

/** Incidents as partners see them. The scope comes first in every method. */
export class IncidentViewRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly provider: Provider,
  ) {}

  /** Newest first, those opened before `before` (`openedAt|id`). */
  async page(scope: Scope, filter: IncidentFilter, { before, limit }: IncidentPage): Promise<IncidentOut[]> {
    const [at, id] = before?.split('|') ?? [];
    const { where, params } = whereOf(scope, filter, [limit, at ?? null, id ?? null]);
    const answer: unknown = await this.dataSource.query(
      `SELECT ${COLUMNS} FROM incident WHERE ${where}
         AND ($2::timestamptz IS NULL OR (date_trunc('milliseconds', opened_at), incident_id) < ($2, $3::uuid))
       ORDER BY date_trunc('milliseconds', opened_at) DESC, incident_id DESC LIMIT $1`,
      params,
    );
    return rowsOf<Row>(answer).map((row) => this.out(row));
  }

  /** Counts up to one more than a list tells exactly. */
  async count(scope: Scope, filter: IncidentFilter): Promise<number> {
    const { where, params } = whereOf(scope, filter, [COUNTED_UP_TO + 1]);
    const answer: unknown = await this.dataSource.query(
      `SELECT count(*)::int AS count FROM (SELECT 1 FROM incident WHERE ${where} LIMIT $1) counted`,
      params,
    );
    return rowsOf<{ count: number }>(answer)[0]?.count ?? 0;
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

function whereOf(scope: Scope, filter: IncidentFilter, params: unknown[]) {
  const where = [withinScope(scope, TABLES, SCOPE_COLUMNS, params)];
  const equals = { state: filter.state, account_no: filter.accountNo, cust_id: filter.custId };
  for (const [column, value] of Object.entries(equals))
    if (value !== undefined) where.push(`${column} = $${params.push(value)}`);
  return { where: where.join(' AND '), params };
}
