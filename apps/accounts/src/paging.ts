import { decodeCursor, encodeCursor, type Page, pageOf, Problem } from '@backhaul/http';

/** The number a cursor stands for, or 0 for the first page. @throws Problem 400 */
export function afterNumber(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [after] = decodeCursor(cursor);
  if (typeof after === 'number') return after;
  throw Problem.badRequest([
    { pointer: '/cursor', detail: 'must be the nextCursor of this list', rule: 'cursor' },
  ]);
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
