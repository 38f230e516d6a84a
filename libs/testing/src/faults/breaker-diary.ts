import { ConnectionDiary, type DiaryWords } from './connection-diary.js';
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

const WORDS: DiaryWords = {
  name: 'breaker_diary',
  columns: {
    at: ['timestamptz', 'clock_timestamp()'],
    is_now: ['text', 'NEW.breaker'],
    openings: ['int', 'NEW.breaker_opens'],
    was_openings: ['int', 'OLD.breaker_opens'],
    until: ['timestamptz', 'NEW.breaker_until'],
    was_until: ['timestamptz', 'OLD.breaker_until'],
  },
  when: '(OLD.breaker, OLD.breaker_until) IS DISTINCT FROM (NEW.breaker, NEW.breaker_until)',
};

/** Jitter is a fifth each way; the clock was read some milliseconds before. */
const JITTER = 0.2;
const SLACK_MS = 250;

/** Whatever befalls the breaker of a connection. */
export class BreakerDiary extends ConnectionDiary {
  constructor(stores: Stores, store: StoreName) {
    super(WORDS, stores, store);
  }

  /** How often it opened in a row, at most. */
  async mostOpenings(): Promise<number> {
    const [row] = await this.query<{ most: number | null }>(
      'SELECT max(openings) AS most FROM breaker_diary',
    );
    return row?.most ?? 0;
  }

  /** `resetMs`: the rest after a first opening. */
  async read(resetMs: number): Promise<BreakerFacts> {
    const entries = await this.query<Entry>('SELECT * FROM breaker_diary ORDER BY seq');
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
