import { type Clock } from '@backhaul/domain';
import { csvRecord } from '@backhaul/http';
import { type Scope, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { TABLES } from '../accounts/scope-tables.js';
import { csvLines, EXPORT_LIMITS, type Exported, type ExportLimits, type ExportPage } from './csv-lines.js';
import type { EventFinder, EventSearch } from './event-search.js';
import { timeOfId } from './event-time.js';

interface ExportRow {
  event_id: string;
  occurred_at: Date;
  account_no: string;
  cust_id: number;
  type: string;
  severity: string;
  status: string | null;
  host_name: string | null;
  job: string | null;
  message: string | null;
  problems: string | null;
}

const COLUMNS = [
  'eventId', 'receivedAt', 'occurredAt', 'accountNo', 'custId', 'type', 'severity', 'status', 'hostName', 'job',
  'message', 'notificationProcessedErrors',
] as const; // prettier-ignore
/** What went wrong with an event's actions, a line each. */
export const PROBLEMS = `(SELECT string_agg(a.problem, E'\\n' ORDER BY a.at, a.request_id) FROM event_action a
  WHERE a.event_id = e.event_id AND a.partner_id = e.partner_id)`;
const OF_EVENT = { partner: 'e.partner_id', customer: 'e.cust_id', account: 'e.account_no' };

/** A search of the log as CSV, newest first. */
export class EventExport {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly finder: EventFinder,
    private readonly clock: Clock,
    private readonly limits: ExportLimits = EXPORT_LIMITS,
  ) {}

  lines(scope: Scope, search: EventSearch): AsyncGenerator<string, void, undefined> {
    const exported: Exported<string> = {
      columns: COLUMNS,
      things: 'events',
      page: (beforeId, limit) => this.pageOf(scope, { ...search, beforeId }, limit),
      beyond: (beforeId) => `older than ${timeOfId(beforeId)}`,
    };
    return csvLines(exported, this.clock, this.limits, search.beforeId);
  }

  private async pageOf(scope: Scope, search: EventSearch, limit: number): Promise<ExportPage<string>> {
    const { eventIds, lookedDownTo } = await this.finder.find(scope, search, limit + 1);
    const shown = eventIds.slice(0, limit);
    const next = eventIds.length > limit ? (shown.at(-1) ?? null) : lookedDownTo;
    return { text: shown.length > 0 ? await this.page(scope, shown) : '', count: shown.length, next };
  }

  private async page(scope: Scope, eventIds: readonly string[]): Promise<string> {
    const params: unknown[] = [eventIds];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const rows = await this.unitOfWork.query<ExportRow>(
      `SELECT e.event_id, e.occurred_at, e.account_no, e.cust_id, e.type, e.severity, e.status, e.host_name, e.job, e.message,
         ${PROBLEMS} AS problems
       FROM event e WHERE ${where} AND e.event_id = ANY($1::uuid[]) ORDER BY e.event_id DESC`,
      params,
    );
    return rows.map(recordOf).join('');
  }
}

const recordOf = (row: ExportRow): string =>
  csvRecord([
    row.event_id,
    timeOfId(row.event_id),
    row.occurred_at.toISOString(),
    Number(row.account_no),
    row.cust_id,
    row.type,
    row.severity,
    row.status,
    row.host_name,
    row.job,
    row.message,
    row.problems,
  ]);
