import type { AttemptStore } from '@backhaul/messaging';
import type { DataSource } from 'typeorm';
import { rowsOf } from './unit-of-work.js';

/** Starts of work, written before it begins, so that they survive a process that the work kills. */
export class PostgresAttemptStore implements AttemptStore {
  constructor(private readonly dataSource: DataSource) {}

  async begin(key: string): Promise<number> {
    const answer: unknown = await this.dataSource.query(
      'INSERT INTO message_attempt (key, starts) VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET starts = message_attempt.starts + 1, at = now() RETURNING starts',
      [key],
    );
    return rowsOf<{ starts: number }>(answer)[0]?.starts ?? 1;
  }

  async end(key: string): Promise<void> {
    await this.dataSource.query('DELETE FROM message_attempt WHERE key = $1', [key]);
  }
}
