import { ConnectionDiary, type DiaryWords } from './connection-diary.js';
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

const WORDS: DiaryWords = {
  name: 'pause_diary',
  columns: {
    ms: ['float8', 'extract(epoch FROM NEW.resume_at - clock_timestamp()) * 1000'],
    breaker: ['text', 'NEW.breaker'],
    trouble: ['text', 'NEW.trouble'],
    was_resting: ['boolean', 'OLD.resume_at > clock_timestamp()'],
    rate: ['float8', 'NEW.rate_per_minute'],
    was_rate: ['float8', 'OLD.rate_per_minute'],
  },
  when: 'NEW.resume_at > OLD.resume_at AND NEW.resume_at > clock_timestamp()',
};

/** What was asked for has come: nobody rests, and successes have brought the rate back. */
const PASS = [
  'UPDATE psa_connection SET resume_at = clock_timestamp(), rate_per_minute = max_rate_per_minute, tokens = 20',
  "UPDATE lane SET next_attempt_at = clock_timestamp() WHERE state = 'ready'",
];

/** Each rest that a PSA's answer gave its connection. */
export class PauseDiary extends ConnectionDiary {
  constructor(stores: Stores, store: StoreName) {
    super(WORDS, stores, store);
  }

  /** Those after that one, the oldest first. */
  read(after = 0): Promise<Pause[]> {
    return this.query<Pause>('SELECT * FROM pause_diary WHERE seq > $1 ORDER BY seq', [after]);
  }

  /** Lets the time of all rests pass at once. */
  async pass(): Promise<void> {
    for (const statement of PASS) await this.query(statement);
  }
}
