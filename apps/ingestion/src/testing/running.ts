import type { AddressInfo } from 'node:net';
import { type PartnerId, uuidv7 } from '@backhaul/domain';
import { type HttpApp, type Identity, programIdentity, signPrincipal } from '@backhaul/http';
import { createLogger } from '@backhaul/telemetry';
import { testDatabase, type TestDatabase, testKafka, type TestKafka } from '@backhaul/testing';
import { readConfig } from '../config.js';
import { MIGRATIONS } from '../migrations.js';
import { createService } from '../service.js';

export const TOKEN_KEY = 'test-service-token-key-0123456789abcdef';
export const ACCOUNT_NO = 80202028;
export const CUST_ID = 34826;

/** The service whole, in this process, on a database and topics of its own, with one customer and two accounts. */
export class Running {
  readonly partnerId = uuidv7(Date.now()) as PartnerId;
  url = '';

  private constructor(
    readonly database: TestDatabase,
    readonly kafka: TestKafka,
    readonly logs: string[],
    private readonly app: HttpApp,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Running> {
    const database = await testDatabase({ migrations: MIGRATIONS });
    const kafka = await testKafka();
    const logs: string[] = [];
    const logger = createLogger({
      service: 'ingestion',
      level: 'debug',
      destination: { write: (line) => void logs.push(line) },
    });
    const config = readConfig({
      DATABASE_URL: database.serviceUrl,
      KAFKA_BROKERS: kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: kafka.prefix,
      SERVICE_TOKEN_KEY: TOKEN_KEY,
      PORT: '0',
      // The machine of a test run may be busy with anything.
      LOAD_SHEDDING: 'off',
      MANAGEMENT_PORT: '0',
      ...settings,
    });
    const app = await createService(config, logger);
    const running = new Running(database, kafka, logs, app);
    await running.seed();
    await app.listen();
    running.url = `http://127.0.0.1:${(app.fastify.server.address() as AddressInfo).port}`;
    return running;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.kafka.close();
    await this.database.close();
  }

  query<R>(sql: string, params: unknown[] = []): Promise<R[]> {
    return this.database.dataSource.query(sql, params);
  }

  /** An API call as the gateway makes it. */
  async api(
    method: string,
    path: string,
    body?: unknown,
    partnerId = this.partnerId,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.apiAs({ partnerId }, method, path, body, headers);
  }

  /** As somebody else than the partner's senior manager. */
  async apiAs(
    who: Partial<Identity>,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { partnerId } = this;
    const role = 'partner-senior-manager';
    const program = programIdentity({ partnerId, role, scopes: [], subject: 'key:test' });
    const principal = { ...program, ...who };
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...headers,
        'x-backhaul-principal': signPrincipal(TOKEN_KEY, principal, 'ingestion'),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** A new endpoint of the account, unless a customer is named; its id and key. */
  async endpoint(
    agent: string,
    bound: object = { accountNo: ACCOUNT_NO },
  ): Promise<{ id: string; key: string }> {
    const response = await this.api('POST', '/endpoints', { agent, ...bound });
    return (await response.json()) as { id: string; key: string };
  }

  post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
  }

  async countEvents(): Promise<number> {
    const [row] = await this.query<{ count: number }>('SELECT count(*)::int AS count FROM event');
    return row?.count ?? 0;
  }

  private async seed(): Promise<void> {
    await this.query('INSERT INTO customer VALUES ($1, $2, NULL, $3)', [this.partnerId, CUST_ID, 'ACME']);
    await this.query(
      `INSERT INTO account VALUES ($1, $3, $4, NULL, 'one', 'ACME-WS07'), ($2, $3, $4, NULL, 'two', 'ACME-SRV01')`,
      [ACCOUNT_NO, ACCOUNT_NO + 1, this.partnerId, CUST_ID],
    );
  }
}
