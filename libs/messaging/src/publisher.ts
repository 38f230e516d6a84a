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
      retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 4 },
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
    try {
      await this.connect();
      await this.producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([topic, list]) => ({
          topic: this.prefix + topic,
          messages: list.map(({ key, value, headers }) => ({ key, value, headers })),
        })),
      });
    } catch (error) {
      throw new PublishError(error);
    }
  }

  /** One record as it is: for dead letters, whose bytes are kept untouched. `topic` is the full name. @throws PublishError */
  async sendRaw(topic: string, message: DeadLetter): Promise<void> {
    try {
      await this.connect();
      await this.producer.send({ topic, acks: -1, messages: [message] });
    } catch (error) {
      throw new PublishError(error);
    }
  }

  async close(): Promise<void> {
    this.isConnected = false;
    await this.producer.disconnect();
  }
}
