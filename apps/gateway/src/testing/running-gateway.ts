import { request as httpRequest } from 'node:http';
import { plainToInstance } from 'class-transformer';
import { type Clock, systemClock } from '@backhaul/domain';
import type { HttpApp } from '@backhaul/http';
import { newApiKey } from '@backhaul/http';
import {
  accountsApiKeys,
  accountsPartners,
  type ApiKeyPayload,
  Publisher,
  toRecord,
} from '@backhaul/messaging';
import { createLogger } from '@backhaul/telemetry';
import { freePort, testKafka, type TestKafka } from '@backhaul/testing';
import { Config } from '../config.js';
import { createGateway } from '../gateway.js';
import { type Upstream, UPSTREAMS } from '../routes/route-table.js';
import { FakeService } from './upstream.js';

export const SERVICE_TOKEN_KEY = 'a-service-token-key-for-tests-of-32-chars';
export const PARTNER = '0190f3a1-0000-7000-8000-00000000aaaa';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: Record<string, unknown>;
}

/** A gateway on real Kafka in front of five real HTTP servers. */
export class RunningGateway {
  private constructor(
    readonly app: HttpApp,
    readonly kafka: TestKafka,
    readonly services: Record<Upstream, FakeService>,
    private readonly publisher: Publisher,
    readonly port: number,
    /** What it logged. */
    readonly lines: string[],
  ) {}

  static async start(settings: Partial<Config> = {}, clock: Clock = systemClock): Promise<RunningGateway> {
    const kafka = await testKafka();
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    await publisher.connect();
    const started: [Upstream, FakeService][] = [];
    for (const name of UPSTREAMS) started.push([name, await FakeService.start(name, await freePort())]);
    const services = Object.fromEntries(started) as Record<Upstream, FakeService>;
    const config = plainToInstance(
      Config,
      {
        KAFKA_BROKERS: kafka.brokers.join(','),
        KAFKA_TOPIC_PREFIX: kafka.prefix,
        SERVICE_TOKEN_KEY,
        PORT: await freePort(),
        MANAGEMENT_PORT: await freePort(),
        ACCOUNTS_URL: services.accounts.url,
        INGESTION_URL: services.ingestion.url,
        NOTIFICATIONS_URL: services.notifications.url,
        TICKETING_CONNECTWISE_URL: services['ticketing-connectwise'].url,
        TICKETING_AUTOTASK_URL: services['ticketing-autotask'].url,
        BILLING_SYNC_CONNECTWISE_URL: services['billing-sync-connectwise'].url,
        BILLING_SYNC_AUTOTASK_URL: services['billing-sync-autotask'].url,
        UPSTREAM_TIMEOUT_MS: 700,
        RATE_LIMIT_BURST: 100_000,
        RATE_LIMIT_PARTNER_BURST: 100_000,
        REFUSALS_BURST: 100_000,
        // The machine of a test run may be busy with anything.
        LOAD_SHEDDING: 'off',
        ...settings,
      },
      { exposeDefaultValues: true },
    );
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ service: 'gateway', level: 'info', destination });
    const app = await createGateway(config, logger, clock);
    await app.listen();
    return new RunningGateway(app, kafka, services, publisher, config.PORT, lines);
  }

  /** Puts a key into the topic; the text is what a client sends. */
  async issueKey(overrides: Partial<ApiKeyPayload> = {}): Promise<{ text: string; keyId: string }> {
    const key = newApiKey();
    const payload: ApiKeyPayload = {
      keyId: key.keyId,
      partnerId: PARTNER,
      secretHash: key.secretHash,
      scopes: ['read', 'write'],
      role: 'partner-senior-manager',
      expiresAt: null,
      ...overrides,
    };
    await this.publisher.send([toRecord(accountsApiKeys, payload, envelope())]);
    return { text: key.text, keyId: key.keyId };
  }

  async revokeKey(keyId: string): Promise<void> {
    await this.publisher.send([toRecord(accountsApiKeys, null, envelope(), keyId)]);
  }

  /** Puts a partner into the topic as accounts does. */
  async tellPartner(partnerId: string, isSuspended: boolean): Promise<void> {
    const payload = { partnerId, name: 'Acme', isSuspended };
    await this.publisher.send([toRecord(accountsPartners, payload, envelope())]);
  }

  /** node:http rather than fetch, which normalises paths and refuses to send some headers. */
  call(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Buffer,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { host: '127.0.0.1', port: this.port, method, path, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = String(response.headers['content-type'] ?? '').includes('json') && text !== '';
            const json = isJson ? (JSON.parse(text) as Answer['json']) : {};
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.publisher.close();
    for (const service of Object.values(this.services)) await service.down();
    await this.kafka.close();
  }
}

function envelope(): {
  id: string;
  occurredAt: string;
  partnerId: string;
  correlationId: string;
  causationId: null;
} {
  const id = '0190f3a1-0000-7000-8000-00000000bbbb';
  return {
    id,
    occurredAt: new Date().toISOString(),
    partnerId: PARTNER,
    correlationId: id,
    causationId: null,
  };
}
