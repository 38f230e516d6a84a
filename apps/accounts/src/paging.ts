import { isUuid } from '@backhaul/domain';
import { decodeCursor, encodeCursor, type Page, pageOf, Problem } from '@backhaul/http';

const notOurs = (): Problem =>
  Problem.badRequest([{ pointer: '/cursor', detail: 'must be the nextCursor of this list', rule: 'cursor' }]);

/** The number a cursor stands for, or 0 for the first page. @throws Problem 400 */
export function afterNumber(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [after] = decodeCursor(cursor);
  if (typeof after === 'number' && Number.isSafeInteger(after)) return after;
  throw notOurs();
}

/** The id a cursor stands for, or null for the first page. @throws Problem 400 */
export function afterUuid(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const [after] = decodeCursor(cursor);
  if (typeof after === 'string' && isUuid(after)) return after;
  throw notOurs();
}

/** `rows` holds one more than `limit` when there is another page. */
export function pageByNumber<R, O>(
  rows: R[],
  limit: number,
  keyOf: (row: R) => number,
  out: (row: R) => O,
  total?: number,
): Page<O> {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return pageOf(items.map(out), last ? encodeCursor([keyOf(last)]) : null, total);
}
