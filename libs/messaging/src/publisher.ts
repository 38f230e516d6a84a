import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@backhaul/domain';
import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import type { DeadLetter } from './dead-letter.js';
import type { OutgoingRecord } from './record.js';

/** Kafka did not take the records. Some may have arrived all the same: publishing again is harmless. */
export class PublishError extends Error {
  /** Kafka will never take this record, however often it is tried. */
  readonly isPermanent: boolean;
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'Kafka refused the records', { cause });
    this.name = 'PublishError';
    const type = (cause as { type?: string } | null)?.type;
    this.isPermanent =
      type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE' || type === 'INVALID_RECORD';
  }
}

/**
 * kafkajs must not try again by itself: where the leader of a partition moves between two tries to a broker that had
 * answered already for others, it takes that answer for this partition too, and says that all was sent.
 */
export const PRODUCER_RETRY = { retries: 0 };
/**
 * For how long a broker may wait for the copies; shorter than a request may take, so that its answer comes before it is given
 * up: the next one on that connection is not read before.
 */
const COPIES_MS = 15_000;
const CAUTION = { acks: -1, timeout: COPIES_MS } as const;
const TRIES = 5;
const FIRST_PAUSE_MS = 100;

/** Kafka refuses records of an hour ahead, and forgets by their age: the clock of this machine alone must not decide that. */
const timestampOfNow = (): string => String(systemClock.now().getTime());

/** One producer, one request for many records, answered by all in-sync replicas. */
export class Publisher {
  private readonly producer: Producer;
  private readonly prefix: string;
  private isConnected = false;

  constructor(kafka: Kafka, { prefix = '' }: { prefix?: string } = {}) {
    this.prefix = prefix;
    this.producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: PRODUCER_RETRY,
    });
    this.producer.on('producer.disconnect', () => {
      this.isConnected = false;
    });
  }

  async connect(): Promise<void> {
    if (this.isConnected) return;
    await this.producer.connect();
    this.isConnected = true;
  }

  /** Sends in the order given, per key. @throws PublishError */
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    const byTopic = new Map<string, OutgoingRecord[]>();
    for (const record of records) {
      const list = byTopic.get(record.topic);
      if (list) list.push(record);
      else byTopic.set(record.topic, [record]);
    }
    const timestamp = timestampOfNow();
    const topicMessages = [...byTopic].map(([topic, list]) => ({
      topic: this.prefix + topic,
      messages: list.map(({ key, value, headers }) => ({ key, value, headers, timestamp })),
    }));
    await this.persist(() => this.producer.sendBatch({ ...CAUTION, topicMessages }));
  }

  /** One record as it is: for dead letters, whose bytes are kept untouched. `topic` is the full name. @throws PublishError */
  async sendRaw(topic: string, message: DeadLetter): Promise<void> {
    const messages = [{ ...message, timestamp: timestampOfNow() }];
    await this.persist(() => this.producer.send({ ...CAUTION, topic, messages }));
  }

  /** Each try sends everything: what one broker took is not taken for what another refused. @throws PublishError */
  private async persist(send: () => Promise<unknown>): Promise<void> {
    for (let tried = 1; ; tried += 1) {
      try {
        await this.connect();
        await send();
        return;
      } catch (error) {
        const failure = new PublishError(error);
        if (failure.isPermanent || tried === TRIES) throw failure;
        await wait(FIRST_PAUSE_MS * 2 ** (tried - 1));
      }
    }
  }

  async close(): Promise<void> {
    this.isConnected = false;
    await this.producer.disconnect();
  }
}
