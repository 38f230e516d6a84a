import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hash } from 'node:crypto';
import { uuidv7 } from '@backhaul/domain';
import {
  eventually, type OwnServer, runProgram, type RunningService, runService, startOwnPostgres, testKafka, type TestKafka,
} from '@backhaul/testing'; // prettier-ignore
import pg from 'pg';

jest.setTimeout(120_000);

const KEY = 'bke_outage';
let postgres: OwnServer;
let kafka: TestKafka;
let service: RunningService;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  kafka = await testKafka();
  const settings = {
    DATABASE_URL: postgres.address,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: 'test-service-token-key-0123456789abcdef',
  };
  await runProgram('ingestion', 'migrate.js', settings);
  const client = new pg.Client({ connectionString: postgres.address });
  await client.connect();
  const id = uuidv7(Date.now());
  await client.query(
    "INSERT INTO endpoint (id, partner_id, agent, account_no, name) VALUES ($1, $1, 'generic', 80202028, 'x')",
    [id],
  );
  await client.query('INSERT INTO endpoint_key VALUES ($1, $2)', [hash('sha256', KEY, 'buffer'), id]);
  await client.end();
  service = await runService('ingestion', settings);
});
afterAll(async () => {
  await service.stop();
  await postgres.stop();
  await kafka.close();
});

const send = (run: string): Promise<Response> =>
  fetch(`${service.url}/ingest/generic/${KEY}`, {
    method: 'POST',
    body: JSON.stringify({ outcome: { status: 'failed' }, job: { nativeRunId: run } }),
  });

describe('while PostgreSQL is away', () => {
  it('reports are sent away with 503 and Retry-After within a second, logged once, and taken again after', async () => {
    expect((await send('before')).status).toBe(200);
    await postgres.kill();
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => send(`during-${i}`)));
    expect(performance.now() - startedAt).toBeLessThan(1500);
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(service.logs().split('reports are refused for now').length - 1).toBe(1);
    await postgres.restart();
    await eventually(async () => (await send('after')).status === 200, { timeoutMs: 30_000 });
  });
});
