import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { isObservable, lastValueFrom } from 'rxjs';
import { type AttemptStore, ChunkRunner, GivenUp } from './chunk-runner.js';
import { type DeadLetterClass, deadLetterTopic } from './dead-letter.js';
import { type Delivered, stringHeaders } from './decode.js';
import { assertComplete } from './handlers.js';
import { Failed, KAFKA_BATCH } from './on-topic.js';
import type { Publisher } from './publisher.js';
import { TOPICS } from './topics/index.js';
import type { ServiceName, Topic } from './topics/topic.js';

/** What an app may measure. */
export interface ConsumerObserver {
  handled?(topic: string, records: number, durationMs: number, lag: number): void;
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
  /** Records handed to a handler at once, at most. */
  chunkSize?: number;
  sessionTimeoutMs?: number;
  attempts?: AttemptStore;
  observe?: ConsumerObserver;
  /** The consumer cannot go on. Ends the process by default, so that its supervisor starts a new one. */
  onFatal?: (error: unknown) => void;
}

const HEARTBEAT_MS = 1000;

/** Nest's transport over kafkajs `eachBatch`: at least once, in order, offsets committed after the effect. */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA_BATCH;
  private readonly consumer: Consumer;
  private readonly prefix: string;
  private readonly topics: Map<string, Topic<object>>;
  private isClosing = false;
  private readonly busy = new Set<Promise<void>>();

  constructor(private readonly options: KafkaBatchServerOptions) {
    super();
    this.prefix = options.prefix ?? '';
    const all = TOPICS as readonly Topic<object>[];
    const mine =
      (options.topics as Topic<object>[] | undefined) ??
      all.filter((topic) => topic.consumers.includes(options.service));
    this.topics = new Map(mine.map((topic) => [this.prefix + topic.name, topic]));
    this.consumer = options.kafka.consumer({
      groupId: this.prefix + options.groupId,
      sessionTimeout: options.sessionTimeoutMs ?? 30_000,
      heartbeatInterval: 3000,
      rebalanceTimeout: 60_000,
      maxBytesPerPartition: 512 * 1024,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 5000,
        retries: 8,
        restartOnFailure: async () => !this.isClosing,
      },
    });
  }

  /** Called by Nest. Joins the group; records flow from then on. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      assertComplete(this.options.service, [...this.topics.values()], [
        ...this.messageHandlers.keys(),
      ]);
      this.consumer.on('consumer.crash', ({ payload }) => {
        if (!payload.restart && !this.isClosing) this.fatal(payload.error);
      });
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...this.topics.keys()], fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 4,
        eachBatch: (payload) => this.track(this.onBatch(payload)),
      });
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Leaves the group at once; what a handler has begun is finished first. */
  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.allSettled(this.busy);
    await this.consumer.disconnect();
  }

  override on(): void {
    throw new Error('KafkaBatchServer hands no events out');
  }

  override unwrap<T>(): T {
    return this.consumer as T;
  }

  private track(work: Promise<void>): Promise<void> {
    this.busy.add(work);
    return work.finally(() => this.busy.delete(work));
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, isRunning, isStale } = payload;
    const topic = this.topics.get(batch.topic);
    if (!topic) return;
    let isLost = false;
    const isWanted = () => isRunning() && !isStale() && !isLost && !this.isClosing;
    const heart = setInterval(() => {
      payload.heartbeat().catch(() => (isLost = true));
    }, HEARTBEAT_MS);
    try {
      const size = this.options.chunkSize ?? 500;
      for (let at = 0; at < batch.messages.length && isWanted(); at += size) {
        const chunk = batch.messages.slice(at, at + size);
        const startedAt = performance.now();
        await this.runner(topic, batch.partition, isWanted).run(chunk);
        const isLast = at + size >= batch.messages.length;
        // Control records stand behind the last message, hence lastOffset().
        const done = isLast ? batch.lastOffset() : (chunk.at(-1) as KafkaMessage).offset;
        await this.commit(payload, done);
        this.options.observe?.handled?.(
          topic.name,
          chunk.length,
          performance.now() - startedAt,
          Number(batch.highWatermark) - Number(done) - 1,
        );
      }
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
    } finally {
      clearInterval(heart);
    }
  }

  private async commit({ batch, resolveOffset }: EachBatchPayload, done: string): Promise<void> {
    resolveOffset(done);
    const offset = String(BigInt(done) + 1n);
    await this.consumer.commitOffsets([{ topic: batch.topic, partition: batch.partition, offset }]);
  }

  private runner(topic: Topic<object>, partition: number, isWanted: () => boolean): ChunkRunner {
    return new ChunkRunner({
      topic,
      partition,
      isWanted,
      handle: (batch) => this.handle(topic, batch),
      deadLetter: (message, reason, error) => this.deadLetter(topic, partition, message, reason, error),
      onRetry: (error, attempt) => {
        this.options.observe?.retried?.(topic.name, error);
        // One line at first, then rarely: an outage is one fact.
        if (attempt === 1 || attempt % 12 === 0)
          this.logger.warn(
            `${topic.name}/${partition}: ${String(error)}; attempt ${attempt} will be repeated`,
          );
      },
      attempts: this.options.attempts,
      attemptPrefix: `${this.options.groupId}:${this.prefix}${topic.name}:${partition}`,
    });
  }

  private async handle(topic: Topic<object>, batch: Delivered<object>[]): Promise<void> {
    const handler = this.messageHandlers.get(topic.name);
    if (!handler) throw new Error(`Nothing handles ${topic.name}`);
    const answer: unknown = await handler(batch, undefined);
    const result: unknown = isObservable(answer)
      ? await lastValueFrom(answer, { defaultValue: undefined })
      : answer;
    if (result instanceof Failed) throw result.error;
  }

  /** The original bytes and headers, with why and where from. */
  private async deadLetter(
    topic: Topic<object>,
    partition: number,
    message: KafkaMessage,
    reason: DeadLetterClass,
    error: unknown,
  ): Promise<void> {
    await this.options.publisher.sendRaw(this.prefix + deadLetterTopic(this.options.service), {
      key: message.key,
      value: message.value,
      headers: {
        ...stringHeaders(message),
        'dead-class': reason,
        'dead-reason': (error instanceof Error ? error.message : String(error)).slice(0, 500),
        'dead-topic': topic.name,
        'dead-partition': String(partition),
        'dead-offset': message.offset,
      },
    });
    this.options.observe?.deadLettered?.(topic.name, reason);
    this.logger.error(`${topic.name}/${partition}@${message.offset} set aside (${reason}): ${String(error)}`);
  }

  private fatal(error: unknown): void {
    this.logger.error(`The consumer cannot go on: ${String(error)}`);
    if (this.options.onFatal) this.options.onFatal(error);
    else process.exit(1);
  }
}
