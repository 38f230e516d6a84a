import type { Clock } from '@backhaul/domain';
import { csvRecord } from '@backhaul/http';

const PAGE = 500;

export interface ExportLimits {
  /** Records in one file at most. */
  records: number;
  /** For how long the database is asked for one file at most, milliseconds: below what the gateway waits for a byte. */
  workMs: number;
}

export const EXPORT_LIMITS: ExportLimits = { records: 100_000, workMs: 25_000 };

/** Some records, as CSV, and where it goes on behind them; null: nowhere. */
export interface ExportPage<At> {
  text: string;
  count: number;
  next: At | null;
}

/** What a file is made of, page by page. */
export interface Exported<At> {
  columns: readonly string[];
  /** What the records are, such as `events`. */
  things: string;
  /** At most `limit` records behind that place; the first ones without one. */
  page: (after: At | undefined, limit: number) => Promise<ExportPage<At>>;
  /** In words, what is behind that place. */
  beyond: (after: At) => string;
}

/**
 * A file, a page of it in memory at a time. One that was cut ends with a record `END` that says so; one that is whole has
 * none.
 */
export async function* csvLines<At>(
  { columns, things, page, beyond }: Exported<At>,
  clock: Clock,
  limits: ExportLimits = EXPORT_LIMITS,
  from?: At,
): AsyncGenerator<string, void, undefined> {
  yield csvRecord(columns);
  let written = 0;
  let workedMs = 0;
  let after = from;
  for (;;) {
    const begunAt = clock.monotonicMs();
    const { text, count, next } = await page(after, Math.min(PAGE, limits.records - written));
    workedMs += clock.monotonicMs() - begunAt;
    if (text !== '') yield text;
    if (next === null) return;
    written += count;
    after = next;
    if (written >= limits.records)
      return yield cut(`limit of ${written} ${things}`, beyond(next), columns.length);
    if (workedMs > limits.workMs) return yield cut('time is up', beyond(next), columns.length);
  }
}

/** As many cells as every other record has. */
function cut(why: string, missing: string, width: number): string {
  const words = ['END', `not all: ${why}`, `missing: ${missing}`];
  if (width < words.length) words.push(words.splice(width - 1).join('; '));
  return csvRecord([...words, ...Array.from({ length: width - words.length }, () => null)]);
}
