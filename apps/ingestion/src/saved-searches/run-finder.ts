import { COUNTED_UP_TO, Problem } from '@backhaul/http';
import { type Scope, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { isUuid } from '@backhaul/domain';
import { TABLES } from '../accounts/scope-tables.js';
import { agentIn, numberIn, timeIn, wholeNumber } from '../events/body-parts.js';
import { PROBLEMS } from '../events/event-export.js';
import type { EventFinder, EventSearch } from '../events/event-search.js';
import { timeOfId } from '../events/event-time.js';
import { searchOf } from '../events/search.types.js';
import type { FoundRows, Position, ResultFinder, ResultRow, SearchSettings } from './saved-search.js';

interface RunRow extends Record<string, string | number | null> {
  eventId: string;
  accountNo: string;
  uploadedBytes: string | null;
  warnings: string | null;
  errors: string | null;
}

const OF_EVENT = { partner: 'e.partner_id', customer: 'e.cust_id', account: 'e.account_no' };
const RUNS = `
  SELECT e.event_id AS "eventId", e.account_no AS "accountNo", e.cust_id AS "custId", ${agentIn('e.body')} AS "agent",
    e.host_name AS "hostName", e.job AS "job", e.status AS "status", e.severity AS "severity", e.type AS "type",
    ${timeIn('e.body', 'startedAt')} AS "startedAt", ${timeIn('e.body', 'endedAt')} AS "endedAt",
    ${numberIn('e.body', 'bytes', 'uploaded')} AS "uploadedBytes", ${numberIn('e.body', 'counts', 'warnings')} AS "warnings",
    ${numberIn('e.body', 'counts', 'errors')} AS "errors", e.message AS "message",
    ${PROBLEMS} AS "notificationProcessedErrors"
  FROM event e`;

/** Backup runs that ended, from the event log, newest first. */
export class RunFinder implements ResultFinder {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly finder: EventFinder,
  ) {}

  async find(
    scope: Scope,
    search: SearchSettings,
    after: Position | null,
    limit: number,
  ): Promise<FoundRows> {
    const wanted = { ...runsOf(search), beforeId: after === null ? undefined : idOf(after) };
    const { eventIds, lookedDownTo } = await this.finder.find(scope, wanted, limit + 1);
    const shown = eventIds.slice(0, limit);
    const last = eventIds.length > limit ? shown.at(-1) : undefined;
    const next = last ?? lookedDownTo;
    return {
      rows: await this.read(scope, shown),
      next: next === null ? null : [next],
      searchedTo: last === undefined && lookedDownTo !== null ? timeOfId(lookedDownTo) : null,
    };
  }

  async count(scope: Scope, search: SearchSettings): Promise<{ count: number; isExact: boolean }> {
    const { eventIds, lookedDownTo } = await this.finder.find(scope, runsOf(search), COUNTED_UP_TO + 1);
    return { count: eventIds.length, isExact: lookedDownTo === null };
  }

  beyond(position: Position): string {
    return `older than ${timeOfId(idOf(position))}`;
  }

  private async read(scope: Scope, eventIds: readonly string[]): Promise<ResultRow[]> {
    if (eventIds.length === 0) return [];
    const params: unknown[] = [eventIds];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const rows = await this.unitOfWork.query<RunRow>(
      `${RUNS} WHERE ${where} AND e.event_id = ANY($1::uuid[]) ORDER BY e.event_id DESC`,
      params,
    );
    return rows.map(resultOf);
  }
}

const runsOf = ({ all }: SearchSettings): EventSearch => ({
  ...searchOf({ all: all as never }),
  runsOnly: true,
});

const resultOf = (row: RunRow): ResultRow => ({
  ...row,
  receivedAt: timeOfId(row.eventId),
  accountNo: Number(row.accountNo),
  uploadedBytes: wholeNumber(row.uploadedBytes),
  warnings: wholeNumber(row.warnings),
  errors: wholeNumber(row.errors),
});

/** @throws Problem 400 for what no page has given */
function idOf([id]: Position): string {
  if (typeof id === 'string' && isUuid(id)) return id;
  const detail = 'must be the nextCursor of an earlier answer';
  throw Problem.badRequest([{ pointer: '/cursor', detail, rule: 'cursor' }]);
}
