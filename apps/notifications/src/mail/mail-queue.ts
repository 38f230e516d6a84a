import type { Tx } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import { PgBoss } from 'pg-boss';

export const JOBS_SCHEMA = 'pgboss';
const QUEUE = 'mail';
const DAY_S = 24 * 60 * 60;
const AT_ONCE = 4;

export interface MailQueueSettings {
  url: string;
  /** Seconds after which a worker that holds a job counts as dead. */
  leaseS: number;
  role?: 'owner' | 'runtime';
  /** What kind of job; mails unless it says otherwise. */
  queue?: string;
  /** False where jobs are only added: nothing looks after those whose worker died. */
  supervise?: boolean;
}

/** The jobs that send mails, one for each: pg-boss in the service's own database. */
export class MailQueue {
  private readonly boss: PgBoss;
  private readonly logger = new Logger('MailQueue');
  private readonly queue: string;

  constructor(private readonly settings: MailQueueSettings) {
    this.queue = settings.queue ?? QUEUE;
    this.boss = new PgBoss({
      connectionString: settings.url,
      application_name: `notifications ${this.queue}`,
      ...(settings.role === 'runtime' && { options: '-c role=backhaul_runtime' }),
      max: 3,
      schema: JOBS_SCHEMA,
      // The migration made the tables; who runs owns none.
      migrate: false,
      schedule: false,
      supervise: settings.supervise ?? true,
      superviseIntervalSeconds: 5,
      monitorIntervalSeconds: 5,
    });
    this.boss.on('error', (error) => this.logger.warn(`jobs: ${error.message}`));
  }

  async start(): Promise<void> {
    await this.boss.start();
    const options = {
      // How long a mail is tried is said by the mail itself.
      retryLimit: 1_000_000,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 15 * 60,
      expireInSeconds: this.settings.leaseS,
      retentionSeconds: 60 * DAY_S,
      deleteAfterSeconds: DAY_S,
    };
    await this.boss.createQueue(this.queue, options);
    await this.boss.updateQueue(this.queue, options);
  }

  /** In the transaction of the mails; an id that was there before adds nothing. */
  async add(tx: Tx, mailIds: readonly string[]): Promise<void> {
    if (mailIds.length === 0) return;
    await this.boss.insert(this.queue, mailIds.map((id) => ({ id, data: {} })), { db: dbOf(tx) }); // prettier-ignore
  }

  /** A job of its own for what had one that ended. */
  async again(tx: Tx, ofId: string): Promise<void> {
    await this.boss.insert(this.queue, [{ data: { ofId } }], { db: dbOf(tx) });
  }

  /** Sends what waits, from now on; a mail whose `send` throws comes again, later each time. */
  async work(send: (mailId: string) => Promise<void>): Promise<void> {
    const options = { pollingIntervalSeconds: 1, localConcurrency: AT_ONCE, burstWhenReadyExceeds: 1 };
    await this.boss.work<{ ofId?: string }>(this.queue, options, async ([job]) => {
      if (job) await send(job.data.ofId ?? job.id);
    });
  }

  async stop(): Promise<void> {
    await this.boss.stop({ graceful: true, timeout: 5000 });
  }
}

const dbOf = (tx: Tx) => ({
  executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.query(text, values) }),
});
