import type { Clock } from '@backhaul/domain';
import { csvRecord, decodeCursor, encodeCursor, pageOf, Problem } from '@backhaul/http';
import type { Scope, UnitOfWork } from '@backhaul/persistence';
import { csvLines, EXPORT_LIMITS, type ExportLimits } from '../events/csv-lines.js';
import type { EventFinder } from '../events/event-search.js';
import { RowFinder } from './row-finder.js';
import { RunFinder } from './run-finder.js';
import type { Position, ResultFinder, ResultRow, SavedSearch } from './saved-search.js';
import type { SearchKind } from './search-kinds.js';
import type { ResultsOut, ResultsQuery } from './saved-searches.types.js';

/** What saved searches find, within the scope of who asks. */
export class SearchResults {
  constructor(
    private readonly finderOf: (kind: SearchKind) => ResultFinder,
    private readonly clock: Clock,
    private readonly limits: ExportLimits = EXPORT_LIMITS,
  ) {}

  async page(scope: Scope, search: SavedSearch, { limit, cursor, total }: ResultsQuery): Promise<ResultsOut> {
    const finder = this.finderOf(search.kind);
    const after = cursor === undefined ? null : positionOf(cursor);
    const { rows, next, searchedTo } = await finder.find(scope, search, after, limit);
    const counted = total ? await finder.count(scope, search) : undefined;
    const items = rows.map((row) => shown(row, search.columns));
    return {
      columns: search.columns,
      ...pageOf(items, next && encodeCursor(next), counted?.count),
      ...(counted && !counted.isExact && { totalIsExact: false }),
      ...(searchedTo !== null && { searchedTo }),
    };
  }

  /** The same rows and columns as a file. */
  lines(scope: Scope, search: SavedSearch): AsyncGenerator<string, void, undefined> {
    const finder = this.finderOf(search.kind);
    const { columns } = search;
    const page = async (after: Position | undefined, limit: number) => {
      const { rows, next } = await finder.find(scope, search, after ?? null, limit);
      const text = rows.map((row) => csvRecord(columns.map((column) => row[column] ?? null))).join('');
      return { text, count: rows.length, next };
    };
    const exported = { columns, things: 'rows', page, beyond: (at: Position) => finder.beyond(at) };
    return csvLines(exported, this.clock, this.limits);
  }
}

export function searchResults(unitOfWork: UnitOfWork, finder: EventFinder, clock: Clock): SearchResults {
  const [rows, runs] = [new RowFinder(unitOfWork, clock), new RunFinder(unitOfWork, finder)];
  return new SearchResults((kind) => (kind === 'search-backupjobs' ? runs : rows), clock);
}

/** @throws Problem 400 */
function positionOf(cursor: string): Position {
  const parts = decodeCursor(cursor);
  const known = parts.filter((part) => typeof part !== 'boolean');
  const detail = 'must be the nextCursor of an earlier answer';
  if (known.length < parts.length) throw Problem.badRequest([{ pointer: '/cursor', detail, rule: 'cursor' }]);
  return known;
}

/** The columns of a search, in its order. */
const shown = (row: ResultRow, columns: readonly string[]): ResultRow =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
