import type { UnitOfWork } from '@backhaul/persistence';
import { jest } from '@jest/globals';

/**
 * The next transaction gets its id at once, and does `work`, in others, before its first statement of that kind. What it
 * does again afterwards is not disturbed. Answers what was called when it came to that.
 */
export function inBetween(
  unitOfWork: UnitOfWork,
  isThat: (sql: string) => boolean,
  work: () => Promise<void>,
): jest.Mock {
  const met = jest.fn();
  const run = unitOfWork.run.bind(unitOfWork);
  const spy = jest.spyOn(unitOfWork, 'run').mockImplementation((transaction) =>
    run(async (tx) => {
      if (met.mock.calls.length === 0) await tx.query('SELECT pg_current_xact_id()');
      return transaction({
        manager: tx.manager,
        query: async <R>(sql: string, params?: unknown[]): Promise<R[]> => {
          if (met.mock.calls.length === 0 && isThat(sql)) {
            met();
            spy.mockRestore();
            await work();
          }
          return tx.query<R>(sql, params);
        },
      });
    }),
  );
  return met;
}
