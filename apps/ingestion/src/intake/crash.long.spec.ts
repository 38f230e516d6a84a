import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hash } from 'node:crypto';
import { uuidv7 } from '@backhaul/domain';
import { runService, testDatabase, type TestDatabase, testKafka, type TestKafka } from '@backhaul/testing';
import { MIGRATIONS } from '../migrations.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let kafka: TestKafka;
const KEY = 'bke_crash';

beforeAll(async () => {
  database = await testDatabase({ migrations: MIGRATIONS });
  kafka = await testKafka();
  const id = uuidv7(Date.now());
  await database.dataSource.query(
    "INSERT INTO endpoint (id, partner_id, agent, account_no, name) VALUES ($1, $1, 'generic', 80202028, 'x')",
    [id],
  );
  await database.dataSource.query('INSERT INTO endpoint_key VALUES ($1, $2)', [
    hash('sha256', KEY, 'buffer'),
    id,
  ]);
});
afterAll(async () => {
  await kafka.close();
  await database.close();
});

const settings = (): Record<string, string> => ({
  DATABASE_URL: database.url,
  KAFKA_BROKERS: kafka.brokers.join(','),
  KAFKA_TOPIC_PREFIX: kafka.prefix,
  SERVICE_TOKEN_KEY: 'test-service-token-key-0123456789abcdef',
});

describe('a process killed while it stores', () => {
  it.each(['ingest.before-commit', 'ingest.after-commit'])(
    'at %s leaves one event once the agent has sent again (P1, P2)',
    async (point) => {
      const body = JSON.stringify({ outcome: { status: 'failed' }, job: { nativeRunId: point } });
      const send = (url: string) => fetch(`${url}/ingest/generic/${KEY}`, { method: 'POST', body });
      const crashing = await runService('ingestion', { ...settings(), CRASH_AT: point });
      await expect(send(crashing.url)).rejects.toThrow();
      expect(await crashing.exited).toBe('SIGKILL');
      const healthy = await runService('ingestion', settings());
      try {
        const answer = await send(healthy.url);
        expect([answer.status, await answer.text()]).toEqual([200, '{}']);
      } finally {
        await healthy.stop();
      }
      const rows = await database.dataSource.query<unknown[]>(
        "SELECT 1 FROM event WHERE body LIKE '%' || $1 || '%'",
        [point],
      );
      expect(rows).toHaveLength(1);
    },
    60_000,
  );
});
