import type { Stores } from './stores.js';
import type { StoreName } from './topology.js';

interface Entry {
  at: Date;
  is_now: 'closed' | 'open' | 'half_open';
  openings: number;
  was_openings: number;
  until: Date;
  was_until: Date;
}

export interface BreakerFacts {
  complaints: string[];
  probes: number;
  openings: number;
}

const BEGIN = `
  CREATE TABLE breaker_diary (seq bigint GENERATED ALWAYS AS IDENTITY, at timestamptz, is_now text, openings int,
    was_openings int, until timestamptz, was_until timestamptz);
  CREATE FUNCTION keep_breaker_diary() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO breaker_diary (at, is_now, openings, was_openings, until, was_until)
      VALUES (clock_timestamp(), NEW.breaker, NEW.breaker_opens, OLD.breaker_opens, NEW.breaker_until, OLD.breaker_until);
      RETURN NEW;
    END $$;
  CREATE TRIGGER breaker_diary BEFORE UPDATE ON psa_connection FOR EACH ROW
    WHEN ((OLD.breaker, OLD.breaker_until) IS DISTINCT FROM (NEW.breaker, NEW.breaker_until))
    EXECUTE FUNCTION keep_breaker_diary()`;
const END =
  'DROP TRIGGER breaker_diary ON psa_connection; DROP FUNCTION keep_breaker_diary; DROP TABLE breaker_diary';

/** Jitter is a fifth each way; the clock was read some milliseconds before. */
const JITTER = 0.2;
const SLACK_MS = 250;

/** Whatever befalls the breaker of a connection, written down by PostgreSQL in the transaction that does it. */
export class BreakerDiary {
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

  /** How often it opened in a row, at most. */
  async mostOpenings(): Promise<number> {
    const [row] = await this.stores.query<{ most: number | null }>(
      this.store,
      'SELECT max(openings) AS most FROM breaker_diary',
    );
    return row?.most ?? 0;
  }

  /** `resetMs`: the rest after a first opening. */
  async read(resetMs: number): Promise<BreakerFacts> {
    const entries = await this.stores.query<Entry>(this.store, 'SELECT * FROM breaker_diary ORDER BY seq');
    const probes = entries.filter(({ is_now }) => is_now === 'half_open');
    const openings = entries.filter(
      (entry) => entry.is_now === 'open' && entry.openings > entry.was_openings,
    );
    const early = probes.filter(({ at, was_until }) => at < was_until);
    const short = openings.filter((entry) => !restsAsLongAsItShould(entry, resetMs));
    return {
      complaints: [
        ...early.map(
          ({ at, was_until }) => `a probe at ${at.toISOString()}, rest until ${was_until.toISOString()}`,
        ),
        ...short.map(
          ({ at, until, openings: n }) => `opening ${n} rests ${until.getTime() - at.getTime()} ms`,
        ),
      ],
      probes: probes.length,
      openings: openings.length,
    };
  }
}

function restsAsLongAsItShould({ at, until, openings }: Entry, resetMs: number): boolean {
  const wanted = resetMs * 2 ** (openings - 1);
  const rest = until.getTime() - at.getTime();
  return rest >= wanted * (1 - JITTER) - SLACK_MS && rest <= wanted * (1 + JITTER) + SLACK_MS;
}
