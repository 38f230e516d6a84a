import { Logger } from '@nestjs/common';
import { CompactedTable, type CompactedTableOptions } from './compacted-table.js';

const RETRY_MS = 2000;

/** A CompactedTable for a service that starts without Kafka: it tries again until it has the whole. */
export class TopicDirectory<P extends object> {
  private readonly logger = new Logger('TopicDirectory');
  private table: CompactedTable<P> | null = null;
  private attempt: Promise<void> = Promise.resolve();
  private isClosed = false;
  private retry: NodeJS.Timeout | null = null;
  /** False until all that stood in the topic at the start is known. */
  isReady = false;

  constructor(private readonly options: CompactedTableOptions<P>) {}

  get(key: string): P | undefined {
    return this.table?.get(key);
  }

  keys(): string[] {
    return this.table?.keys() ?? [];
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
    const table = new CompactedTable(this.options);
    try {
      await table.start();
      this.table = table;
      void table.whenReady().then(() => (this.isReady = true));
    } catch (error) {
      this.logger.warn(`${this.options.topic.name} cannot be read yet: ${String(error)}`);
      await table.close().catch((cause: unknown) => this.logger.debug(`nothing to close: ${String(cause)}`));
      if (!this.isClosed) this.retry = setTimeout(() => this.start(), RETRY_MS);
    }
  }
}
