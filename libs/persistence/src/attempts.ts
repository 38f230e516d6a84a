import { type AttemptStore, Batcher } from '@backhaul/messaging';
import type { DataSource } from 'typeorm';
import { rowsOf } from './unit-of-work.js';

/** Starts of work, written before it begins, so that they survive a process that the work kills. */
export class PostgresAttemptStore implements AttemptStore {
  private readonly begins = new Batcher<string, number>({ run: (keys) => this.beginAll(keys) });
  private readonly ends = new Batcher<string, void>({ run: (keys) => this.endAll(keys) });

  constructor(private readonly dataSource: DataSource) {}

  begin(key: string): Promise<number> {
    return this.begins.add(key);
  }

  end(key: string): Promise<void> {
    return this.ends.add(key);
  }

  private async beginAll(keys: readonly string[]): Promise<number[]> {
    const answer: unknown = await this.dataSource.query(
      `INSERT INTO message_attempt (key, starts) SELECT DISTINCT key, 1 FROM unnest($1::text[]) AS key ORDER BY key
       ON CONFLICT (key) DO UPDATE SET starts = message_attempt.starts + 1, at = now() RETURNING key, starts`,
      [keys],
    );
    const starts = new Map(
      rowsOf<{ key: string; starts: number }>(answer).map((row) => [row.key, row.starts]),
    );
    return keys.map((key) => starts.get(key) ?? 1);
  }

  private async endAll(keys: readonly string[]): Promise<void[]> {
    await this.dataSource.query('DELETE FROM message_attempt WHERE key = ANY($1)', [keys]);
    return [];
  }
}
