import { accountsApiKeys, type ApiKeyPayload, CompactedTable } from '@backhaul/messaging';
import type { Logger } from '@backhaul/telemetry';

type Table = CompactedTable<ApiKeyPayload>;
type KafkaOptions = Omit<ConstructorParameters<typeof CompactedTable<ApiKeyPayload>>[0], 'topic'>;

const RETRY_MS = 2000;

/** All API keys in memory. Kafka may be down when the gateway starts: it tries again until it has them. */
export class ApiKeyDirectory {
  private table: Table | null = null;
  private attempt: Promise<void> = Promise.resolve();
  private isClosed = false;
  private retry: NodeJS.Timeout | null = null;
  /** False until every key that stood in the topic at the start is known. */
  isReady = false;

  constructor(
    private readonly options: KafkaOptions,
    private readonly logger: Logger,
  ) {}

  get(keyId: string): ApiKeyPayload | undefined {
    return this.table?.get(keyId);
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
    const table = new CompactedTable({ ...this.options, topic: accountsApiKeys });
    try {
      await table.start();
      this.table = table;
      void table.whenReady().then(() => (this.isReady = true));
    } catch (error) {
      this.logger.warn({ err: error, retryAfterMs: RETRY_MS }, 'API keys cannot be read yet');
      await table.close().catch((cause: unknown) => this.logger.debug({ err: cause }, 'nothing to close'));
      if (!this.isClosed) this.retry = setTimeout(() => this.start(), RETRY_MS);
    }
  }
}
