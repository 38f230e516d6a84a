import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Publisher } from '@backhaul/messaging';
import { testKafka, type TestKafka } from '@backhaul/testing';
import { TestRest } from '../testing/rest.js';
import { AfterRestoreHandler } from './after-restore.handler.js';
import { RepublishHandler } from './republish.handler.js';

jest.setTimeout(60_000);

interface Row {
  topic: string;
  key: string;
  payload: string | null;
  /** JSON. */
  headers: string;
}

describe('accounts after a restore', () => {
  let rest: TestRest;
  let kafka: TestKafka;
  beforeAll(async () => {
    rest = await TestRest.start();
    kafka = await testKafka();
  });
  afterAll(async () => {
    await kafka.close();
    await rest.close();
  });

  const query = <R>(sql: string, params: unknown[] = []): Promise<R[]> =>
    rest.database.dataSource.query<R[]>(sql, params);
  const takeOutbox = async (): Promise<Row[]> => {
    const rows = await query<Row>('SELECT topic, key, payload, headers FROM outbox ORDER BY xid, seq');
    await query('DELETE FROM outbox');
    return rows;
  };

  async function account(): Promise<{ custId: number; accountNo: number }> {
    const { custId } = await rest.customer('ACME');
    const body = { custId, username: `acme-${custId}`, role: 'partner-read-only', randomPassword: true };
    const answer = await rest.call('POST', 'accounts', { body });
    return { custId, accountNo: Number(answer.body['accountNo']) };
  }
  /** What it is known by in its topic. */
  const apiKey = async (): Promise<string> => {
    await rest.call('POST', 'api-keys', { body: { name: 'Nightly', scopes: ['read'] } });
    const [row] = await query<{ key_id: string }>("SELECT key_id FROM api_key WHERE name = 'Nightly'");
    return row?.key_id ?? '';
  };

  it('takes back exactly what was made since, and goes on above its numbers', async () => {
    const kept = await account();
    const { custId, accountNo } = await account();
    const lostKey = await apiKey();
    const { kafka: client, prefix } = kafka;
    const publisher = new Publisher(client, { prefix });
    await publisher.send(
      (await takeOutbox()).map(({ topic, key, payload, headers }) => ({
        ...{ topic, key, value: payload },
        headers: JSON.parse(headers) as Record<string, string>,
      })),
    );
    await publisher.close();
    // What the restore leaves.
    await query('DELETE FROM api_key WHERE key_id = $1', [lostKey]);
    await query('DELETE FROM account WHERE account_no = $1', [accountNo]);
    await query('DELETE FROM customer WHERE cust_id = $1', [custId]);
    await query("SELECT setval('account_no_seq', $1), setval('cust_id_seq', $2)", [
      kept.accountNo,
      kept.custId,
    ]);

    const republish = new RepublishHandler(rest.unitOfWork);
    const handler = new AfterRestoreHandler(republish, client, prefix);
    expect((await handler.handleAcrossTenants()).forgotten).toBe(3);
    const told = await takeOutbox();
    const gone = told.filter(({ payload }) => payload === null).map(({ topic, key }) => `${topic} ${key}`);

    expect(gone.toSorted()).toEqual([
      `accounts.accounts.v1 ${accountNo}`,
      `accounts.api-keys.v1 ${lostKey}`,
      `accounts.customers.v1 ${rest.ours}:${custId}`,
    ]);
    expect(told.some(({ key, payload }) => key === String(kept.accountNo) && payload !== null)).toBe(true);
    const next = await account();
    expect(next.accountNo).toBeGreaterThan(accountNo);
    expect(next.custId).toBeGreaterThan(custId);
  });
});
