import { CompactedTable, type Topic } from '@backhaul/messaging';
import type { Logger } from '@backhaul/telemetry';

type TableOptions<P extends object> = ConstructorParameters<typeof CompactedTable<P>>[0];

const RETRY_MS = 2000;

/** A compacted topic in memory. Kafka may be down when the gateway starts: it tries again until it has the whole. */
export class TopicDirectory<P extends object> {
  private table: CompactedTable<P> | null = null;
  private attempt: Promise<void> = Promise.resolve();
  private isClosed = false;
  private retry: NodeJS.Timeout | null = null;
  /** False until all that stood in the topic at the start is known. */
  isReady = false;

  constructor(
    private readonly topic: Topic<P>,
    private readonly options: Omit<TableOptions<P>, 'topic'>,
    private readonly logger: Logger,
  ) {}

  get(key: string): P | undefined {
    return this.table?.get(key);
  }

  start(): void {
    this.attempt = this.read();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.retry) clearTimeout(this.retry);
    await this.attempt;
    await this.table?.close();
  }

  private async read(): Promise<void> {
    const { topic } = this;
    const table = new CompactedTable({ ...this.options, topic });
    try {
      await table.start();
      this.table = table;
      void table.whenReady().then(() => (this.isReady = true));
    } catch (error) {
      this.logger.warn({ err: error, topic: topic.name, retryAfterMs: RETRY_MS }, 'topic cannot be read yet');
      await table.close().catch((cause: unknown) => this.logger.debug({ err: cause }, 'nothing to close'));
      if (!this.isClosed) this.retry = setTimeout(() => this.start(), RETRY_MS);
    }
  }
}
