import { setSystemTime, systemClock } from '@backhaul/domain';
import type { DataSource } from 'typeorm';
import { Repeated } from './repeated.js';
import { rowsOf } from './unit-of-work.js';

const EVERY_MS = 10_000;
/** An answer that took longer says less of the time than the stopwatch since the last one. */
const LONGEST_MS = 1000;
/** Of a process that starts, for an answer that came soon enough. */
const TRIES = 3;
const ASK = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms';

interface Warner {
  warn(about: object, message: string): void;
}

/**
 * Keeps `systemClock` by the clock of the database, which all processes of a service share: where several compare times,
 * one whose machine has a wrong clock must not open a window early, nor refuse the others' tokens.
 */
export class DatabaseTime {
  /** How long the answer took that counts now. */
  private tookMs = Infinity;
  private readonly rounds: Repeated;

  private constructor(
    private readonly dataSource: DataSource,
    logger: Warner,
    everyMs: number,
  ) {
    const warn = (err: unknown): void =>
      logger.warn({ err }, 'the database does not tell the time; it is asked again');
    this.rounds = new Repeated(() => this.ask(), everyMs, warn);
  }

  /** Resolves once the time is known, and asks on. @throws Error when the database cannot be asked */
  static async follow(dataSource: DataSource, logger: Warner, everyMs = EVERY_MS): Promise<DatabaseTime> {
    const time = new DatabaseTime(dataSource, logger, everyMs);
    for (let tries = 0; tries < TRIES && time.tookMs > LONGEST_MS; tries += 1) await time.ask();
    time.rounds.start();
    return time;
  }

  async stop(): Promise<void> {
    await this.rounds.stop();
  }

  private async ask(): Promise<boolean> {
    const before = systemClock.monotonicMs();
    const [row] = rowsOf<{ ms: number }>(await this.dataSource.query(ASK));
    const after = systemClock.monotonicMs();
    const tookMs = after - before;
    if (!row || (tookMs > LONGEST_MS && tookMs >= this.tookMs)) return false;
    this.tookMs = tookMs;
    setSystemTime({ ms: row.ms, monotonicMs: (before + after) / 2 });
    return false;
  }
}
