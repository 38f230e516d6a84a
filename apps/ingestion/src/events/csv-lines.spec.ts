import { describe, expect, it } from '@jest/globals';
import { FixedClock } from '@backhaul/testing';
import { csvLines, type ExportLimits } from './csv-lines.js';

const MS_A_PAGE = 10;

/** `count` records, numbered from 1, each page taking its time. */
async function fileOf(count: number, width: number, limits: ExportLimits, perPage = 500): Promise<string[]> {
  const clock = new FixedClock('2026-11-22T00:00:00Z');
  const columns = Array.from({ length: width }, (_, index) => `c${index}`);
  const page = (after: number | undefined, limit: number) => {
    clock.advance(MS_A_PAGE);
    const from = after ?? 0;
    const shown = Math.min(limit, perPage, count - from);
    const text = Array.from({ length: shown }, (_, index) => `${from + index + 1}\r\n`).join('');
    const next = from + shown < count ? from + shown : null;
    return Promise.resolve({ text, count: shown, next });
  };
  const made = csvLines({ columns, things: 'rows', page, beyond: (at) => `after ${at}` }, clock, limits);
  const chunks: string[] = [];
  for await (const chunk of made) chunks.push(chunk);
  return chunks.join('').trimEnd().split('\r\n');
}

describe('the lines of a file', () => {
  it.each([
    [0, 1, undefined],
    [1, 2, '1'],
    [1200, 1201, '1200'],
  ])('%d records: all of them, and no word of an end', async (count, lines, last) => {
    const file = await fileOf(count, 3, { records: 1200, workMs: 1000 });
    expect(file).toHaveLength(lines);
    if (last !== undefined) expect(file.at(-1)).toBe(last);
  });

  it.each([
    [3, 'END,not all: limit of 700 rows,missing: after 700'],
    [5, 'END,not all: limit of 700 rows,missing: after 700,,'],
    [2, 'END,not all: limit of 700 rows; missing: after 700'],
    [1, 'END; not all: limit of 700 rows; missing: after 700'],
  ])('with %d columns a cut file says so in as many', async (width, last) => {
    const file = await fileOf(701, width, { records: 700, workMs: 1000 });
    expect([file.length, file.at(-1)]).toEqual([702, last]);
  });

  it('ends when its time is up, and goes on through pages that hold nothing', async () => {
    const late = await fileOf(10_000, 3, { records: 10_000, workMs: 2 * MS_A_PAGE });
    expect([late.length, late.at(-1)]).toEqual([1502, 'END,not all: time is up,missing: after 1500']);
    expect((await fileOf(3, 3, { records: 10, workMs: 1000 }, 1)).slice(1)).toEqual(['1', '2', '3']);
  });
});
