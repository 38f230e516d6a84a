import { PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import { backupEvents, Publisher, toRecord } from '@backhaul/messaging';
import { emptyDatabase, runProgram, type RunningService, runService, testKafka, type TestKafka } from '@backhaul/testing'; // prettier-ignore
import pg from 'pg';
import type { KnownEvent } from '../requests/event-decision.js';
import { PARTNER } from './builders.js';
import { delivered, TOKEN_KEY } from './system.js';

/** Of all that stands in a topic, from its beginning. */
interface Told {
  topic: string;
  /** Of its envelope. */
  id: string;
  json: Record<string, unknown>;
}

/** notifications as processes that are killed and started again, with a database and topics of their own. */
export class CrashRun {
  private constructor(
    readonly kafka: TestKafka,
    readonly publisher: Publisher,
    private readonly env: Readonly<Record<string, string>>,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(kafka: TestKafka, settings: Record<string, string> = {}): Promise<CrashRun> {
    const database = await emptyDatabase();
    const env = {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: kafka.prefix,
      SERVICE_TOKEN_KEY: TOKEN_KEY,
      ...settings,
    };
    await runProgram('notifications', 'migrate.js', env);
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    return new CrashRun(kafka, publisher, env, () => database.drop());
  }

  /** A process that dies at that point, or one that does not. */
  run(crashAt?: string): Promise<RunningService> {
    return runService('notifications', { ...this.env, ...(crashAt !== undefined && { CRASH_AT: crashAt }) });
  }

  /** As a senior manager. @throws Error for what was not created */
  async create({ url }: RunningService, path: string, body: object): Promise<void> {
    const role = 'partner-senior-manager';
    const who = programIdentity({ partnerId: PARTNER, role, scopes: [], subject: 'key:test' });
    const principal = signPrincipal(TOKEN_KEY, who, 'notifications');
    const answer = await fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: principal },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  async publish(events: readonly KnownEvent[]): Promise<void> {
    const arrived = events.map((event) => delivered(event));
    await this.publisher.send(arrived.map(({ payload, envelope }) => toRecord(backupEvents, payload, envelope)));
  } // prettier-ignore

  /** Hears all that stands in those topics and comes to stand there; a message may come more than once. */
  async listen(topics: readonly string[], heard: (told: Told) => void): Promise<{ close(): Promise<void> }> {
    const { kafka, prefix } = this.kafka;
    const consumer = kafka.consumer({ groupId: `${prefix}listener` });
    await consumer.connect();
    await consumer.subscribe({ topics: topics.map((topic) => prefix + topic), fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message }) =>
        heard({
          topic: topic.slice(prefix.length),
          id: String(message.headers?.['id']),
          json: JSON.parse(String(message.value)) as Told['json'],
        }),
    });
    return { close: () => consumer.disconnect() };
  }

  async query<R extends object>(sql: string): Promise<R[]> {
    const client = new pg.Client({ connectionString: this.env['DATABASE_URL'] });
    await client.connect();
    try {
      return (await client.query<R>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await this.publisher.close();
    await Promise.all([this.kafka.close(), this.drop()]);
  }
}

/** Of each point what came of a crash there, all at once. */
export async function crashAtEach<T>(
  points: readonly string[],
  crashAt: (point: string, kafka: TestKafka) => Promise<T>,
): Promise<[point: string, result: T][]> {
  const brokers: TestKafka[] = [];
  // One after the other: topics take the broker a while.
  for (const _ of points) brokers.push(await testKafka());
  return Promise.all(
    points.map(async (point, at) => [point, await crashAt(point, brokers[at] as TestKafka)] as [string, T]),
  );
}
