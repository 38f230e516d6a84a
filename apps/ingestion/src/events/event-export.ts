import { type Clock } from '@backhaul/domain';
import { csvRecord } from '@backhaul/http';
import { type Scope, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { TABLES } from '../accounts/scope-tables.js';
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
const PAGE = 500;
const OF_EVENT = { partner: 'e.partner_id', customer: 'e.cust_id', account: 'e.account_no' };

export interface ExportLimits {
  /** Events in one file at most. */
  events: number;
  /** For how long the database is asked for one file at most, milliseconds: below what the gateway waits for a byte. */
  workMs: number;
}

/**
 * A search as CSV, newest first, a page of it in memory at a time. A file that was cut ends with a record `END` that
 * says so; one that is whole has none.
 */
export class EventExport {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly finder: EventFinder,
    private readonly clock: Clock,
    private readonly limits: ExportLimits = { events: 100_000, workMs: 25_000 },
  ) {}

  async *lines(scope: Scope, search: EventSearch): AsyncGenerator<string, void, undefined> {
    yield csvRecord(COLUMNS);
    let written = 0;
    let workedMs = 0;
    let beforeId = search.beforeId;
    for (;;) {
      const begunAt = this.clock.monotonicMs();
      const room = Math.min(PAGE, this.limits.events - written);
      const found = await this.finder.find(scope, { ...search, beforeId }, room + 1);
      const shown = found.eventIds.slice(0, room);
      const page = shown.length > 0 ? await this.page(scope, shown) : null;
      workedMs += this.clock.monotonicMs() - begunAt;
      if (page !== null) yield page;
      written += shown.length;
      const isMore = found.eventIds.length > room;
      if (!isMore && found.lookedDownTo === null) return;
      beforeId = isMore ? shown.at(-1) : (found.lookedDownTo ?? undefined);
      if (isMore && written >= this.limits.events) return yield cut(`limit of ${written} events`, beforeId);
      if (workedMs > this.limits.workMs) return yield cut('time is up', beforeId);
    }
  }

  private async page(scope: Scope, eventIds: readonly string[]): Promise<string> {
    const params: unknown[] = [eventIds];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const rows = await this.unitOfWork.query<ExportRow>(
      `SELECT e.event_id, e.occurred_at, e.account_no, e.cust_id, e.type, e.severity, e.status, e.host_name, e.job, e.message,
         (SELECT string_agg(a.problem, E'\\n' ORDER BY a.at, a.request_id) FROM event_action a
          WHERE a.event_id = e.event_id AND a.partner_id = e.partner_id) AS problems
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

/** As many cells as every other record has. */
function cut(why: string, lastId: string | undefined): string {
  const from = lastId === undefined ? '' : `older than ${timeOfId(lastId)}`;
  const words = [`END`, `not all: ${why}`, `missing: ${from}`];
  return csvRecord([...words, ...COLUMNS.slice(words.length).map(() => null)]);
}
