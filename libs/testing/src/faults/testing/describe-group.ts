import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type GroupName, SharedSystem } from '../row.js';
import { ROWS } from '../rows/index.js';

/** The rows of a group in their short form, one after the other, on one system; those that a smaller suite proves are left out. */
export function describeGroup(group: GroupName): void {
  jest.setTimeout(300_000);
  describe(`the whole system, rows of ${group}`, () => {
    let shared: SharedSystem;
    beforeAll(() => {
      shared = new SharedSystem(group);
    });
    afterAll(() => shared.close());

    for (const row of ROWS.filter((candidate) => candidate.group === group && !candidate.smaller))
      it(`row ${row.number}: ${row.fault}: ${row.expected} (${row.promises.join(', ')})`, async () => {
        const { figures } = await shared.run(row, { seed: row.number, isLong: false });
        expect(figures.accepted).toBe(figures.processed + figures.set_aside);
      });
  });
}
