import { type Clock, ENDED_RUNS, type TextOperator } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { type Scope, sqlStateOf, type Tx, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { TABLES } from '../accounts/scope-tables.js';
import { lowestIdOf } from './event-time.js';
import { matchesEmpty, patternOf, quickPatternOf } from './search-pattern.js';
import type { SearchField } from './search.types.js';

export interface Condition {
  field: SearchField;
  operator: TextOperator;
  term: string;
}

export interface EventSearch {
  conditions: Condition[];
  /** Words looked for in the account, type, host, job and message. */
  quick?: string | undefined;
  /** Received at this time or later, milliseconds since 1970. */
  fromMs?: number | undefined;
  /** Received before this time. */
  beforeMs?: number | undefined;
  /** Backup runs that ended, and nothing else. */
  runsOnly?: boolean | undefined;
  /** Where the page before ended. */
  beforeId?: string | undefined;
}

export interface SearchFound {
  /** Newest first. */
  eventIds: string[];
  /** Down to this event the log was looked through when time was up; null where nothing was left out. */
  lookedDownTo: string | null;
}

interface WindowRow {
  looked: number;
  lowest: string | null;
  hits: string[];
}

/** What a row is compared by, `any` by the quick search. A field that is empty is the empty text. */
const matches = (field: string, pattern: string): string => `
  CASE ${field}
    WHEN 'notificationProcessedErrors' THEN EXISTS (SELECT 1 FROM event_action a
        WHERE a.event_id = e.event_id AND a.partner_id = e.partner_id AND a.problem COLLATE "pg_c_utf8" ILIKE ${pattern})
      OR ('' ILIKE ${pattern} AND NOT EXISTS (SELECT 1 FROM event_action a
        WHERE a.event_id = e.event_id AND a.partner_id = e.partner_id AND a.problem IS NOT NULL))
    WHEN 'any' THEN concat_ws(E'\\n', e.account_no, e.cust_id, e.type, e.status, e.host_name, e.job, e.message)
      COLLATE "pg_c_utf8" ILIKE ${pattern}
    ELSE coalesce(CASE ${field}
      WHEN 'message' THEN e.message WHEN 'hostName' THEN e.host_name WHEN 'job' THEN e.job WHEN 'status' THEN e.status
      WHEN 'type' THEN e.type WHEN 'severity' THEN e.severity
      WHEN 'accountNo' THEN e.account_no::text WHEN 'custId' THEN e.cust_id::text WHEN 'brandId' THEN e.brand_id::text
      WHEN 'receivedAt' THEN to_char(uuid_extract_timestamp(e.event_id) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      END, '') COLLATE "pg_c_utf8" ILIKE ${pattern}
  END`;

/** A set of conditions is looked through as a table; a few of them, the usual case, cost a fraction of that in line. */
const FEW = 3;

function allMatch(count: number): string {
  if (count > FEW)
    return `NOT EXISTS (
      SELECT 1 FROM unnest($5::text[], $6::text[], $7::boolean[]) AS c(field, pattern, is_negated)
      WHERE (${matches('c.field', 'c.pattern')}) = c.is_negated)`;
  const each = Array.from({ length: count }, (_, i) => {
    const [field, pattern, isNegated] = [5, 6, 7].map(
      (param) => `($${param}::${param === 7 ? 'boolean' : 'text'}[])[${i + 1}]`,
    );
    return `(${matches(field ?? '', pattern ?? '')}) <> ${isNegated}`;
  });
  return count === 0
    ? 'cardinality($5::text[]) + cardinality($6::text[]) + cardinality($7::boolean[]) = 0'
    : each.join(' AND ');
}

const IS_RUN = `e.is_conclusive AND e.type IN (${[...ENDED_RUNS].map((type) => `'${type}'`).join(', ')})`;

/** Where a window of the log is taken from, newest first. Each has an index of exactly this order. */
const FROM = {
  partner: 'event e WHERE e.partner_id = $1',
  account: 'event e WHERE e.partner_id = $1 AND e.account_no = $8',
  problems: `(SELECT DISTINCT event_id FROM event_action
       WHERE partner_id = $1 AND problem IS NOT NULL AND event_id < $2 AND event_id >= $3
       ORDER BY event_id DESC LIMIT $4) p
     JOIN event e ON e.partner_id = $1 AND e.event_id = p.event_id WHERE true`,
} as const;

const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const LOWEST = '00000000-0000-0000-0000-000000000000';
/**
 * Rows looked at by one statement: few at first, since most searches find enough at once, then as many as are looked at
 * in that time by the pace so far, and never many times what went well before.
 */
const FIRST_WINDOW = 1000;
const LARGEST_WINDOW = 50_000;
const GROWTH = 4;
const WINDOW_MS = 50;
/** A window that takes longer than reckoned is cut off here, and told as not looked at. */
const OVER_BUDGET_MS = 40;
/**
 * Planned once, for any values: for given ones PostgreSQL takes a partner's whole log and sorts it, since it knows of no
 * order in the table. Compiling would take longer than carrying out.
 */
const SETTINGS = `SELECT set_config('statement_timeout', '2000', true), set_config('jit', 'off', true),
  set_config('plan_cache_mode', 'force_generic_plan', true)`;
const OF_EVENT = { partner: 'e.partner_id', customer: 'e.cust_id', account: 'e.account_no' };
const CANCELED = '57014';
const WITHIN = "SELECT set_config('statement_timeout', $1, true)";

/** A window was cut off: what was found before it is the answer. */
class TimeUp extends Error {
  constructor(readonly found: SearchFound) {
    super('time is up');
  }
}

/**
 * Looks through the log, newest first, window by window, until enough is found or the time is up; then the answer says
 * how far it came, and the next page goes on from there. So a search is bounded whatever it looks for. Windows follow
 * indexes on ids alone: behind row-level security PostgreSQL gives no comparison of texts an index, since that could
 * tell of rows that are not to be seen.
 */
export class EventFinder {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly budgetMs = 150,
  ) {}

  /** At most `limit` ids. @throws Problem 503 where PostgreSQL cannot look through one window in two seconds */
  async find(scope: Scope, search: EventSearch, limit: number): Promise<SearchFound> {
    try {
      return await this.unitOfWork.run(async (tx) => {
        await tx.query(SETTINGS);
        return this.look(tx, scope, search, limit);
      });
    } catch (error) {
      if (error instanceof TimeUp) return error.found;
      if (sqlStateOf(error) !== CANCELED) throw error;
      throw Problem.unavailable(5, 'The search took too long. Narrow it by receivedAt or accountNo.', error);
    }
  }

  private async look(tx: Tx, scope: Scope, search: EventSearch, limit: number): Promise<SearchFound> {
    const startedAt = this.clock.monotonicMs();
    const eventIds: string[] = [];
    let beforeId = lower(search.beforeId ?? HIGHEST, idAt(search.beforeMs) ?? HIGHEST);
    let size = FIRST_WINDOW;
    for (let looked = 0; ;) {
      const { sql, params, isSparse } = windowOf(scope, search, beforeId, size, limit - eventIds.length);
      const [window] = await tx.query<WindowRow>(sql, params).catch((error: unknown): never => {
        if (looked === 0 || sqlStateOf(error) !== CANCELED) throw error;
        throw new TimeUp({ eventIds, lookedDownTo: beforeId });
      });
      eventIds.push(...(window?.hits ?? []));
      if (!window?.lowest || (!isSparse && window.looked < size)) return { eventIds, lookedDownTo: null };
      if (eventIds.length >= limit) return { eventIds, lookedDownTo: null };
      beforeId = window.lowest;
      looked += window.looked;
      const passedMs = this.clock.monotonicMs() - startedAt;
      const leftMs = this.budgetMs - passedMs;
      size = nextSize(size, looked / passedMs, leftMs);
      if (size < FIRST_WINDOW) return { eventIds, lookedDownTo: beforeId };
      await tx.query(WITHIN, [String(Math.ceil(leftMs + OVER_BUDGET_MS))]);
    }
  }
}

/** Rows of the next window; fewer than a first one holds once time is up. */
function nextSize(size: number, perMs: number, leftMs: number): number {
  const atEase = Math.max(FIRST_WINDOW, Math.floor(perMs * WINDOW_MS));
  return Math.min(LARGEST_WINDOW, size * GROWTH, atEase, Math.floor(perMs * leftMs));
}

const lower = (a: string, b: string): string => (a < b ? a : b);
const idAt = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : lowestIdOf(ms));

/** Few texts, whatever is searched for: PostgreSQL plans each of them once. */
function windowOf(
  scope: Scope,
  search: EventSearch,
  beforeId: string,
  size: number,
  limit: number,
): { sql: string; params: unknown[]; isSparse: boolean } {
  const terms = termsOf(search);
  const accountNo = scope.onlyAccountNo ?? accountOf(search);
  const from = terms.some(isOfProblems) ? 'problems' : accountNo === null ? 'partner' : 'account';
  const params: unknown[] = [
    scope.partnerId,
    beforeId,
    idAt(search.fromMs) ?? LOWEST,
    size,
    terms.map(({ field }) => field),
    terms.map(({ pattern }) => pattern),
    terms.map(({ isNegated }) => isNegated),
    ...(from === 'account' ? [accountNo] : []),
  ];
  const isSeen = withinScope(scope, TABLES, OF_EVENT, params);
  params.push(limit);
  const sql = `
    WITH looked AS MATERIALIZED (
      SELECT e.event_id, ${isSeen} AND e.bucket IS NOT NULL AND ${search.runsOnly ? IS_RUN : 'true'}
        AND ${allMatch(terms.length)} AS is_hit
      FROM ${FROM[from]} AND e.event_id < $2 AND e.event_id >= $3 ORDER BY e.event_id DESC LIMIT $4)
    SELECT (SELECT count(*)::int FROM looked) AS looked,
      (SELECT event_id FROM looked ORDER BY event_id LIMIT 1) AS lowest,
      ARRAY(SELECT event_id::text FROM looked WHERE is_hit ORDER BY event_id DESC LIMIT $${params.length}) AS hits`;
  // Where events are gone a window is not full, and yet not the last.
  return { sql, params, isSparse: from === 'problems' };
}

interface Term {
  field: SearchField | 'any';
  pattern: string;
  isNegated: boolean;
}

function termsOf({ conditions, quick }: EventSearch): Term[] {
  const terms = conditions.map(({ field, operator, term }) => ({ field, ...patternOf(operator, term) }));
  return quick === undefined
    ? terms
    : [...terms, { field: 'any', pattern: quickPatternOf(quick), isNegated: false }];
}

const isOfProblems = (term: Term): boolean =>
  term.field === 'notificationProcessedErrors' && !matchesEmpty(term);

function accountOf({ conditions }: EventSearch): number | null {
  const named = conditions.find(({ field, operator }) => field === 'accountNo' && operator === 'equals');
  return named ? Number(named.term) : null;
}
