import type { KafkaMessage } from 'kafkajs';
import { PoisonError } from './dead-letter.js';
import type { DeadLetterClass } from './topics/dead-letters.js';

/** A record as Kafka brought it. */
export interface StoredRecord {
  /** Without prefix. */
  topic: string;
  partition: number;
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: NonNullable<KafkaMessage['headers']>;
}

/** A record that was set aside, and why. */
export interface SetAside extends StoredRecord {
  reason: DeadLetterClass;
  error: string;
}

/** Where a service keeps what it set aside, so that people can look at it and have it handled again. */
export interface DeadLetterStore {
  /** The same record again is the same letter. */
  keep(letter: SetAside): Promise<void>;
}

/** Hands a kept record to its handler once more. */
export interface Replayer {
  /** @throws PoisonError where it still cannot be taken */
  replay(record: StoredRecord, options?: { isOvertaken: boolean }): Promise<void>;
}

/** Of a process that takes no records. */
export const NO_REPLAYER: Replayer = {
  replay: async () => {
    throw new PoisonError('Nothing takes records here');
  },
};

/** Set on a replayed record whose subject has moved on since: it must not undo what is newer. */
export const OVERTAKEN_HEADER = 'dead-overtaken';

export const isOvertaken = (headers: Readonly<Record<string, string>>): boolean =>
  headers[OVERTAKEN_HEADER] === 'true';
