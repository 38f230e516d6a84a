import type { Stores } from './stores.js';
import type { StoreName } from './topology.js';

/** A rest that a connection was told to take. */
export interface Pause {
  seq: number;
  /** Milliseconds from when it was written. */
  ms: number;
  breaker: string;
  trouble: string | null;
  /** It rested already: several calls were refused at once. */
  was_resting: boolean;
  rate: number;
  was_rate: number;
}

const BEGIN = `
  CREATE TABLE pause_diary (seq int GENERATED ALWAYS AS IDENTITY, ms float8, breaker text, trouble text, was_resting boolean,
    rate float8, was_rate float8);
  CREATE FUNCTION keep_pause_diary() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO pause_diary (ms, breaker, trouble, was_resting, rate, was_rate)
      VALUES (extract(epoch FROM NEW.resume_at - clock_timestamp()) * 1000, NEW.breaker, NEW.trouble,
              OLD.resume_at > clock_timestamp(), NEW.rate_per_minute, OLD.rate_per_minute);
      RETURN NEW;
    END $$;
  CREATE TRIGGER pause_diary BEFORE UPDATE ON psa_connection FOR EACH ROW
    WHEN (NEW.resume_at > OLD.resume_at AND NEW.resume_at > clock_timestamp()) EXECUTE FUNCTION keep_pause_diary()`;
const END =
  'DROP TRIGGER pause_diary ON psa_connection; DROP FUNCTION keep_pause_diary; DROP TABLE pause_diary';

/** What was asked for has come: nobody rests, and successes have brought the rate back. */
const PASS = [
  'UPDATE psa_connection SET resume_at = clock_timestamp(), rate_per_minute = max_rate_per_minute, tokens = 20',
  "UPDATE lane SET next_attempt_at = clock_timestamp() WHERE state = 'ready'",
];

/** Each rest that a PSA's answer gave its connection, written down by PostgreSQL in the transaction that does it. */
export class PauseDiary {
  constructor(
    private readonly stores: Stores,
    private readonly store: StoreName,
  ) {}

  async begin(): Promise<void> {
    await this.stores.query(this.store, BEGIN);
  }

  async end(): Promise<void> {
    await this.stores.query(this.store, END);
  }

  /** Those after that one, the oldest first. */
  read(after = 0): Promise<Pause[]> {
    return this.stores.query<Pause>(this.store, 'SELECT * FROM pause_diary WHERE seq > $1 ORDER BY seq', [
      after,
    ]);
  }

  /** Lets the time of all rests pass at once. */
  async pass(): Promise<void> {
    for (const statement of PASS) await this.stores.query(this.store, statement);
  }
}
