import { type Clock, DEFAULT_SCHEDULE, expectationOf, type JobWatch, scheduleOfJob, type ScheduleSettings } from '@backhaul/domain'; // prettier-ignore
import { COUNTED_UP_TO, Problem } from '@backhaul/http';
import { type Scope, sqlStateOf, type Tx, type UnitOfWork, withinScope } from '@backhaul/persistence';
import { TABLES } from '../accounts/scope-tables.js';
import { windowOf } from './row-sources.js';
import type { Cell, FoundRows, Position, ResultFinder, ResultRow, SearchSettings } from './saved-search.js';
import { rowConditionsOf } from './search-conditions.js';
import type { RowKind } from './search-kinds.js';

/** Before this row of that account; null: before its first. */
interface Place {
  accountNo: number;
  key: string | null;
}

interface FoundRow {
  no: number;
  key: string;
  cells: Record<string, Cell> & { watch?: JobWatch; settings?: ScheduleSettings | null };
}

interface Window {
  looked: number;
  highest: string | null;
  found: number;
  rows: FoundRow[] | null;
}

interface Looked {
  rows: FoundRow[];
  found: number;
  /** Where to look on; null where nothing was left out. */
  from: Place | null;
}

/** Accounts in the first window; then as many as are looked at in the time that is left, by the pace so far. */
const FIRST_WINDOW = 200;
const LARGEST_WINDOW = 10_000;
const GROWTH = 4;
const OVER_BUDGET_MS = 40;
/** See `EventFinder`: one plan for any values, and no compiling of it. */
const SETTINGS = `SELECT set_config('statement_timeout', '2000', true), set_config('jit', 'off', true),
  set_config('plan_cache_mode', 'force_generic_plan', true)`;
const WITHIN = "SELECT set_config('statement_timeout', $1, true)";
const CANCELED = '57014';
const OF_ACCOUNT = { partner: 'a.partner_id', customer: 'a.cust_id', account: 'a.account_no' };

class TimeUp extends Error {
  constructor(readonly looked: Looked) {
    super('time is up');
  }
}

/** Looks through accounts in the order of their numbers, window by window, until enough is found or the time is up. */
export class RowFinder implements ResultFinder {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly budgetMs = 150,
  ) {}

  async find(
    scope: Scope,
    search: SearchSettings,
    after: Position | null,
    limit: number,
  ): Promise<FoundRows> {
    const { rows, from } = await this.look(scope, search, placeOf(after), limit + 1, true);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    if (last) return { rows: shown.map(rowOf), next: [last.no, last.key], searchedTo: null };
    if (!from) return { rows: shown.map(rowOf), next: null, searchedTo: null };
    const searchedTo = `account ${from.accountNo - 1}`;
    return { rows: shown.map(rowOf), next: [from.accountNo, from.key], searchedTo };
  }

  async count(scope: Scope, search: SearchSettings): Promise<{ count: number; isExact: boolean }> {
    const { found, from } = await this.look(scope, search, placeOf(null), COUNTED_UP_TO + 1, false);
    return { count: found, isExact: from === null };
  }

  beyond([accountNo, key]: Position): string {
    return key === null ? `accounts from ${accountNo}` : `what follows in account ${accountNo}`;
  }

  private async look(
    scope: Scope,
    search: SearchSettings,
    from: Place,
    limit: number,
    wantsRows: boolean,
  ): Promise<Looked> {
    const windows = new Windows(scope, search, limit, wantsRows);
    try {
      return await this.unitOfWork.run(async (tx) => {
        await tx.query(SETTINGS);
        return this.walk(tx, windows, from);
      });
    } catch (error) {
      if (error instanceof TimeUp) return error.looked;
      if (sqlStateOf(error) !== CANCELED) throw error;
      throw Problem.unavailable(5, 'The search took too long; try again in a moment.', error);
    }
  }

  private async walk(tx: Tx, windows: Windows, start: Place): Promise<Looked> {
    const startedAt = this.clock.monotonicMs();
    const looked: Looked = { rows: [], found: 0, from: start };
    let size = FIRST_WINDOW;
    for (let accounts = 0; ;) {
      const from: Place = looked.from ?? start;
      const window = await windows.read(tx, from, size, looked.found).catch((error: unknown): never => {
        if (accounts === 0 || sqlStateOf(error) !== CANCELED) throw error;
        throw new TimeUp(looked);
      });
      looked.rows.push(...(window.rows ?? []));
      looked.found += window.found;
      if (window.highest === null || window.looked < size || looked.found >= windows.limit)
        return { ...looked, from: null };
      looked.from = { accountNo: Number(window.highest) + 1, key: null };
      accounts += window.looked;
      const passedMs = this.clock.monotonicMs() - startedAt;
      const leftMs = this.budgetMs - passedMs;
      size = Math.min(LARGEST_WINDOW, size * GROWTH, Math.floor((accounts / passedMs) * leftMs));
      if (size < FIRST_WINDOW) return looked;
      await tx.query(WITHIN, [String(Math.ceil(leftMs + OVER_BUDGET_MS))]);
    }
  }
}

/** The windows of one search. */
class Windows {
  private readonly sql: string;
  private readonly conditions: unknown[];
  private readonly scopeParams: unknown[];

  constructor(
    private readonly scope: Scope,
    search: SearchSettings,
    readonly limit: number,
    private readonly wantsRows: boolean,
  ) {
    const { texts, times } = rowConditionsOf(search);
    this.conditions = [
      texts.map(({ field }) => field),
      texts.map(({ pattern }) => pattern),
      texts.map(({ isNegated }) => isNegated),
      times.map(({ field }) => field),
      times.map(({ ms }) => new Date(ms)),
      times.map(({ isAfter }) => isAfter),
    ];
    const params: unknown[] = Array.from({ length: 6 + this.conditions.length });
    this.sql = windowOf(search.kind as RowKind, withinScope(scope, TABLES, OF_ACCOUNT, params));
    this.scopeParams = params.slice(6 + this.conditions.length);
  }

  async read(tx: Tx, from: Place, size: number, found: number): Promise<Window> {
    const fixed = [this.scope.partnerId, from.accountNo, from.key, size, this.limit - found, this.wantsRows];
    const [window] = await tx.query<Window>(this.sql, [...fixed, ...this.conditions, ...this.scopeParams]);
    return window ?? { looked: 0, highest: null, found: 0, rows: null };
  }
}

/** @throws Problem 400 for what no page has given */
function placeOf(position: Position | null): Place {
  if (position === null) return { accountNo: 0, key: null };
  const [accountNo, key] = position;
  if (Number.isSafeInteger(accountNo) && (key === null || typeof key === 'string'))
    return { accountNo: accountNo as number, key };
  const detail = 'must be the nextCursor of an earlier answer';
  throw Problem.badRequest([{ pointer: '/cursor', detail, rule: 'cursor' }]);
}

function rowOf({ cells }: FoundRow): ResultRow {
  const { watch, settings, ...row } = cells;
  if (!watch) return row;
  const schedule = scheduleOfJob(settings ?? DEFAULT_SCHEDULE, String(row['jobId']));
  const expected = expectationOf(watch, schedule);
  return { ...row, expectedAt: expected && new Date(expected.expectedMs).toISOString() };
}
