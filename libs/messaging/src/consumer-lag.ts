import { Logger } from '@nestjs/common';
import type { Admin, Kafka } from 'kafkajs';

const LOOK_EVERY_MS = 15_000;

export interface LagParts {
  kafka: Kafka;
  /** As Kafka knows it, prefix included. */
  groupId: string;
  /** Names as Kafka knows them, and as they are told. */
  topics: ReadonlyMap<string, string>;
  tell: (topic: string, records: number) => void;
  everyMs?: number;
}

/**
 * How far a group is behind the end of its topics, asked of Kafka itself: a consumer that stands still says nothing of
 * its own. Every member of a group tells the same figure.
 */
export class ConsumerLag {
  private readonly logger = new Logger('ConsumerLag');
  private admin: Admin | null = null;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(private readonly parts: LagParts) {}

  /** Null where nobody wants to know. `topics`: by the name that Kafka knows. */
  static of(
    { kafka, observe }: { kafka: Kafka; observe?: { lagging?(topic: string, records: number): void } },
    groupId: string,
    topics: ReadonlyMap<string, { name: string }>,
  ): ConsumerLag | null {
    const tell = observe?.lagging?.bind(observe);
    if (!tell) return null;
    const names = new Map([...topics].map(([known, { name }]) => [known, name]));
    return new ConsumerLag({ kafka, groupId, topics: names, tell });
  }

  start(): void {
    const look = (): void => void (this.looking ??= this.look().finally(() => (this.looking = null)));
    this.timer = setInterval(look, this.parts.everyMs ?? LOOK_EVERY_MS).unref();
    look();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.looking;
    await this.admin?.disconnect().catch(() => undefined);
    this.admin = null;
  }

  private async look(): Promise<void> {
    try {
      const admin = await this.connected();
      const { groupId, topics, tell } = this.parts;
      const committed = await admin.fetchOffsets({ groupId, topics: [...topics.keys()] });
      for (const { topic, partitions } of committed) {
        const done = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
        const ends = await admin.fetchTopicOffsets(topic);
        const behind = ends.map(({ partition, low, high }) => {
          // -1: nothing was ever committed, so all that is kept waits.
          const offset = done.get(partition) ?? -1;
          return Number(high) - Math.max(offset, Number(low));
        });
        tell(
          topics.get(topic) ?? topic,
          behind.reduce((sum, records) => sum + Math.max(0, records), 0),
        );
      }
    } catch (error) {
      this.logger.debug(`The lag cannot be read: ${String(error)}`);
    }
  }

  private async connected(): Promise<Admin> {
    if (this.admin) return this.admin;
    const admin = this.parts.kafka.admin();
    await admin.connect();
    return (this.admin = admin);
  }
}
