import type { Kafka } from 'kafkajs';
import type { AttemptStore } from './chunk-runner.js';
import type { DeadLetterStore } from './dead-letter-store.js';
import type { Publisher } from './publisher.js';
import type { DeadLetterClass } from './topics/dead-letters.js';
import type { ServiceName, Topic } from './topics/topic.js';

/** What an app may measure. */
export interface ConsumerObserver {
  handled?(topic: string, records: number, durationMs: number): void;
  /** Told now and then, whether the consumer moves or not. */
  lagging?(topic: string, records: number): void;
  deadLettered?(topic: string, reason: DeadLetterClass): void;
  retried?(topic: string, error: unknown): void;
}

export interface KafkaBatchServerOptions {
  kafka: Kafka;
  service: ServiceName;
  groupId: string;
  /** For what is set aside. */
  publisher: Publisher;
  prefix?: string;
  /** Which topics this process takes; by default all that name the service. */
  topics?: readonly Topic<object>[];
  /** Topics of the service that it reads with a CompactedTable instead of a handler. */
  tables?: readonly Topic<object>[];
  /** Partitions handled at the same time; 12 by default. What they bring at once is handed over as one batch. */
  concurrency?: number;
  /** The next records are fetched this long after the last ones came at the earliest, so that a busy hour brings many at once. */
  paceMs?: number;
  /** Always so: skipping what was published before the group existed would lose it. */
  fromBeginning?: true;
  /** Records handed to a handler at once, at most. */
  chunkSize?: number;
  sessionTimeoutMs?: number;
  /** How often an outage is tried again before the partition rests, and the rest's first length. */
  triesInPlace?: number;
  restMs?: number;
  attempts?: AttemptStore;
  /** Keeps what is set aside, beside the topic. */
  deadLetters?: DeadLetterStore;
  observe?: ConsumerObserver;
  /** The consumer cannot go on. Ends the process by default, so that its supervisor starts a new one. */
  onFatal?: (error: unknown) => void;
}
