import { setTimeout as wait } from 'node:timers/promises';
import { crashPoint } from '@backhaul/messaging';
import type { DataSource, EntityManager } from 'typeorm';
import { RolledBack, watched } from './watching.js';

/** A transaction as the code of a feature sees it. */
export interface Tx {
  /** Rows of a SELECT or of a RETURNING clause. */
  query<R = unknown>(sql: string, params?: unknown[]): Promise<R[]>;
  readonly manager: EntityManager;
}

const RETRIES = 3;
/** Serialization failure and deadlock: the whole transaction may simply be done again. */
const REPEATABLE = new Set(['40001', '40P01']);

export function sqlStateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, driverError } = error as { code?: unknown; driverError?: { code?: unknown } };
  const state = driverError?.code ?? code;
  return typeof state === 'string' ? state : null;
}

/** Classes 22 (data) and 23 (integrity): what was to be written is at fault, not the server. */
export const isDataError = (error: unknown): boolean => /^(22|23)/.test(sqlStateOf(error) ?? '');

/** The name of the constraint or unique index that a statement, or the commit, would have broken. */
export function brokenConstraint(error: unknown): string | null {
  if (!sqlStateOf(error)?.startsWith('23')) return null;
  const { constraint, driverError } = error as {
    constraint?: unknown;
    driverError?: { constraint?: unknown };
  };
  const name = driverError?.constraint ?? constraint;
  return typeof name === 'string' ? name : null;
}

/** TypeORM answers `[rows, count]` for UPDATE and DELETE, rows for the rest. */
export function rowsOf<R>(answer: unknown): R[] {
  if (!Array.isArray(answer)) return [];
  if (answer.length === 2 && Array.isArray(answer[0]) && typeof answer[1] === 'number')
    return answer[0] as R[];
  return answer as R[];
}

export function txOf(manager: EntityManager): Tx {
  return {
    manager,
    query: async <R>(sql: string, params?: unknown[]) => rowsOf<R>(await manager.query(sql, params)),
  };
}

/** For what is a transaction in itself: does it again, up to three times, when PostgreSQL says that it lost a race. */
export async function repeatLost<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= RETRIES || !REPEATABLE.has(sqlStateOf(error) ?? '')) throw error;
      await wait(Math.random() * 50 * 2 ** attempt);
    }
  }
}

export class UnitOfWork {
  constructor(readonly dataSource: DataSource) {}

  /** One transaction. Done again, up to three times, when PostgreSQL says that it lost a race. */
  async run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await repeatLost(() => this.once(work));
    } catch (error) {
      if (error instanceof RolledBack) return error.answer as T;
      throw error;
    }
  }

  private async once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await this.dataSource.transaction(async (manager) => {
      const tx = txOf(manager);
      const answer = await watched(tx, await work(tx));
      crashPoint('uow.before-commit');
      return answer;
    });
    crashPoint('uow.after-commit');
    return result;
  }

  /** Reads outside a transaction. */
  async query<R = unknown>(sql: string, params?: unknown[]): Promise<R[]> {
    return rowsOf<R>(await this.dataSource.query(sql, params));
  }
}
