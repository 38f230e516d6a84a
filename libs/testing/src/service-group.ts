import { randomBytes } from 'node:crypto';
import { emptyDatabase } from './database.js';
import { testKafka } from './kafka.js';
import { runProgram, type RunningService, runService } from './service.js';

const newKey = (): string => randomBytes(32).toString('base64');

/** Services of ours as processes of their own, on topics of the suite's own and with the same keys. */
export class ServiceGroup {
  private readonly cleanUp: (() => Promise<unknown>)[] = [];

  /** `settings`: what all services and programs of the group are given. */
  private constructor(readonly settings: Readonly<Record<string, string>>) {}

  static async start(settings: Record<string, string> = {}): Promise<ServiceGroup> {
    const kafka = await testKafka();
    const group = new ServiceGroup({
      SERVICE_TOKEN_KEY: newKey(),
      KEY_ENCRYPTION_KEY: newKey(),
      KAFKA_BROKERS: kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: kafka.prefix,
      LOAD_SHEDDING: 'off',
      ...settings,
    });
    group.cleanUp.push(() => kafka.close());
    return group;
  }

  /** The address of a database of the app's own, migrated. */
  async database(app: string): Promise<string> {
    const database = await emptyDatabase();
    this.cleanUp.push(() => database.drop());
    await runProgram(app, 'migrate.js', { DATABASE_URL: database.url });
    return database.url;
  }

  async run(app: string, settings: Record<string, string>): Promise<RunningService> {
    const service = await runService(app, { ...this.settings, ...settings });
    this.cleanUp.push(() => service.stop());
    return service;
  }

  /** Last started, first stopped. */
  async stop(): Promise<void> {
    for (const undo of this.cleanUp.reverse()) await undo();
  }
}
