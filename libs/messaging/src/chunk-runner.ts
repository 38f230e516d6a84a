import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import { type DeadLetterClass, isPoison, PoisonError } from './dead-letter.js';
import { decode, type Delivered } from './decode.js';
import type { Topic } from './topics/topic.js';

/** Counts starts of a piece of work, so that a record which kills the process is found out. */
export interface AttemptStore {
  /** Writes one more start before the work begins; answers how many there were in all. */
  begin(key: string): Promise<number>;
  /** The work came to an end, whichever. */
  end(key: string): Promise<void>;
}

export interface ChunkRunnerOptions {
  topic: Topic<object>;
  partition: number;
  handle: (batch: Delivered<object>[]) => Promise<void>;
  deadLetter: (message: KafkaMessage, reason: DeadLetterClass, error: unknown) => Promise<void>;
  /** False once the partition is no longer ours or the process stops: then nothing more is tried. */
  isWanted: () => boolean;
  onRetry: (error: unknown, attempt: number) => void;
  attempts?: AttemptStore | undefined;
  attemptPrefix: string;
}

/** The work was given up half-way because the partition went elsewhere; its offsets stay as they were. */
export class GivenUp extends Error {}

const KILLER_STARTS = 3;
const INVARIANT_TRIES = 3;
const LONGEST_WAIT_MS = 5000;

interface Item {
  message: KafkaMessage;
  delivered: Delivered<object>;
}

/** Hands one chunk of a partition to its handler and does not come back before every record has found its end. */
export class ChunkRunner {
  constructor(private readonly options: ChunkRunnerOptions) {}

  async run(messages: KafkaMessage[]): Promise<void> {
    const { attempts, attemptPrefix } = this.options;
    const key = `${attemptPrefix}:${messages[0]?.offset}+${messages.length}`;
    const starts = attempts ? await this.untilItWorks(() => attempts.begin(key)) : 1;
    // This chunk ended the process before: from now on each record stands for itself.
    if (starts > KILLER_STARTS && messages.length > 1)
      for (const message of messages) await this.run([message]);
    else if (starts > KILLER_STARTS)
      await this.setAside(
        messages[0] as KafkaMessage,
        'killer',
        new Error(`Ended the process ${starts - 1} times`),
      );
    else await this.handleAll(await this.decodeAll(messages));
    if (attempts) await this.untilItWorks(() => attempts.end(key));
  }

  private async decodeAll(messages: KafkaMessage[]): Promise<Item[]> {
    const items: Item[] = [];
    for (const message of messages) {
      try {
        items.push({ message, delivered: decode(this.options.topic, message, this.options.partition) });
      } catch (error) {
        await this.setAside(message, error instanceof PoisonError ? error.deadLetterClass : 'decode', error);
      }
    }
    return items;
  }

  /** A batch that cannot be taken is halved until one record is to blame. */
  private async handleAll(items: Item[], invariantTries = 0): Promise<void> {
    if (items.length === 0) return;
    try {
      await this.untilItWorks(() => this.options.handle(items.map((item) => item.delivered)));
    } catch (error) {
      if (error instanceof GivenUp) throw error;
      await this.blame(items, error, invariantTries);
    }
  }

  private async blame(items: Item[], error: unknown, invariantTries: number): Promise<void> {
    const [only] = items;
    if (items.length > 1) {
      const middle = items.length >> 1;
      await this.handleAll(items.slice(0, middle));
      await this.handleAll(items.slice(middle));
    } else if (!(error instanceof PoisonError) && invariantTries + 1 < INVARIANT_TRIES) {
      await this.handleAll(items, invariantTries + 1);
    } else if (only) {
      await this.setAside(
        only.message,
        error instanceof PoisonError ? error.deadLetterClass : 'invariant',
        error,
      );
    }
  }

  private setAside(message: KafkaMessage, reason: DeadLetterClass, error: unknown): Promise<void> {
    return this.untilItWorks(() => this.options.deadLetter(message, reason, error));
  }

  /** An outage is waited out in place, heartbeats going on; only what no retry can heal comes out. */
  private async untilItWorks<T>(act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (!this.options.isWanted()) throw new GivenUp();
      try {
        return await act();
      } catch (error) {
        if (isPoison(error)) throw error;
        this.options.onRetry(error, attempt);
        await wait(Math.min(LONGEST_WAIT_MS, 100 * 2 ** attempt) * (0.5 + Math.random() / 2));
      }
    }
  }
}
