import { sqlStateOf, type UnitOfWork } from '@backhaul/persistence';

/** A lock was not had in time. */
const NOT_AVAILABLE = '55P03';

/** A part of the event log, by the ids that belong into it. */
export interface LogPartition {
  name: string;
  fromId: string;
  /** Ids below this one. */
  toId: string;
}

/** How the log is prepared for what comes. */
export interface Preparation {
  /** Days until the last month that is prepared ends. */
  days: number;
  /** Events, of up to 10,001, that came when no month was there for them. */
  strays: number;
}

/**
 * Where the relay begins to look: everything below it was published. A part of the log that is settled tells by itself
 * when something is stored or assigned there after all, in that same transaction, so this never passes anything by.
 */
export const RELAY_FLOOR =
  '(SELECT f.from_id FROM event_partition f WHERE NOT f.is_settled ORDER BY f.from_id LIMIT 1)';

/**
 * How far the relay came, by bucket. Apart by `OFFSET 0`: behind row-level security PostgreSQL gives no index to a
 * comparison with an expression such as `coalesce`, and would walk all that was ever published to find what was not.
 */
export const RELAY_POSITIONS = `(
  SELECT bucket, coalesce(pos_xid, '0'::xid8) AS pos_xid,
    coalesce(pos_id, '00000000-0000-0000-0000-000000000000') AS pos_id FROM relay_lease OFFSET 0)`;

/** The months of the event log. The owner of the tables does the work, in functions that a migration made. */
export class LogPartitions {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Makes the months up to then that are missing; answers how many. */
  prepare(until: Date): Promise<number> {
    return this.number('SELECT event_log_prepare($1) AS number', until);
  }

  /** Notes of the months that ended before then that nothing in them waits to be published; answers of how many. */
  settle(before: Date): Promise<number> {
    return this.number('SELECT event_log_settle($1) AS number', before);
  }

  /** Oldest first: those that ended before this id. */
  ofBefore(eventId: string): Promise<LogPartition[]> {
    return this.unitOfWork.query<LogPartition>(
      `SELECT name, from_id AS "fromId", to_id AS "toId" FROM event_partition
       WHERE to_id IS NOT NULL AND to_id <= $1 ORDER BY from_id`,
      [eventId],
    );
  }

  /** False where something in it is still needed, or where others are at work on the log. */
  async drop({ name }: LogPartition, before: Date): Promise<boolean> {
    try {
      const [row] = await this.unitOfWork.query<{ isDropped: boolean }>(
        'SELECT event_log_drop($1, $2) AS "isDropped"',
        [name, before],
      );
      return row?.isDropped ?? false;
    } catch (error) {
      if (sqlStateOf(error) === NOT_AVAILABLE) return false;
      throw error;
    }
  }

  async preparation(): Promise<Preparation> {
    const [row] = await this.unitOfWork.query<Preparation>(
      `SELECT (SELECT count(*)::int FROM (SELECT 1 FROM event_default LIMIT 10001) counted) AS strays,
         coalesce(extract(epoch FROM (SELECT uuid_extract_timestamp(to_id) FROM event_partition
           WHERE to_id IS NOT NULL ORDER BY to_id DESC LIMIT 1) - clock_timestamp()) / 86400, 0)::float8 AS days`,
    );
    return row ?? { days: 0, strays: 0 };
  }

  private async number(sql: string, at: Date): Promise<number> {
    const [row] = await this.unitOfWork.query<{ number: number }>(sql, [at]);
    return row?.number ?? 0;
  }
}
