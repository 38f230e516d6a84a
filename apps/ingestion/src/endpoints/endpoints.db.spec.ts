import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { AccountNo } from '@backhaul/domain';
import { eventually, runService } from '@backhaul/testing';
import { ACCOUNT_NO, Running, TOKEN_KEY } from '../testing/running.js';

jest.setTimeout(60_000);

let running: Running;
beforeAll(async () => {
  running = await Running.start();
});
afterAll(() => running.close());

it('POST /endpoints with the same Idempotency-Key makes one endpoint, with another body it is refused', async () => {
  const headers = { 'idempotency-key': 'make-one' };
  const make = (name: string) =>
    running.api('POST', '/endpoints', { agent: 'restic', accountNo: ACCOUNT_NO, name }, undefined, headers);
  const [first, second] = [await make('a'), await make('a')];
  expect([first.status, second.status]).toEqual([201, 201]);
  const [one, other] = [(await first.json()) as { id: string }, (await second.json()) as { id: string }];
  expect(other.id).toBe(one.id);
  expect((await make('b')).status).toBe(422);
  const rows = await running.query("SELECT 1 FROM endpoint WHERE agent = 'restic'");
  expect(rows).toHaveLength(1);
});

it('a repeated Idempotency-Key is answered with the key again, which the table does not hold', async () => {
  const headers = { 'idempotency-key': 'only-once-please' };
  const { id } = await running.endpoint('generic');
  for (const [path, body] of [
    ['/endpoints', { agent: 'restic', accountNo: ACCOUNT_NO, name: 'twice' }],
    [`/endpoints/${id}/rotate`, { overlapHours: 1 }],
  ] as const) {
    const ask = async () =>
      (await (await running.api('POST', path, body, undefined, headers)).json()) as { key: string };
    const [first, again] = [await ask(), await ask()];
    expect(again).toEqual(first);
    const kept = JSON.stringify(await running.query('SELECT * FROM idempotency_key'));
    expect(kept).toContain('sealed');
    for (const secret of [first.key, headers['idempotency-key']]) expect(kept).not.toContain(secret);
  }
});

it('a replaced key works beside its successor until its overlap ends, and an endpoint says when it was last heard of', async () => {
  const old = await running.endpoint('generic');
  const report = async (key: string): Promise<number> =>
    (await running.post(`/ingest/generic/${key}`, '{"exitCode":1}')).status;
  const shown = async () => {
    const answer = await running.api('GET', `/endpoints/${old.id}`);
    return { etag: answer.headers.get('etag'), body: (await answer.json()) as { lastUsedAt: string | null } };
  };
  const answer = await running.api('POST', `/endpoints/${old.id}/rotate`, { overlapHours: 1 });
  const fresh = (await answer.json()) as { key: string };
  const { etag, body } = await shown();
  expect(body.lastUsedAt).toBeNull();
  expect([await report(old.key), await report(fresh.key)]).toEqual([200, 200]);
  await eventually(async () => (await shown()).body.lastUsedAt !== null);
  expect((await shown()).etag).toBe(etag);
  await running.query('UPDATE endpoint_key SET works_until = now() WHERE works_until IS NOT NULL');
  await running.query('UPDATE endpoint_version SET version = version + 1');
  await eventually(async () => (await report(old.key)) === 410, { timeoutMs: 2000 });
  expect(await report(fresh.key)).toBe(200);
  for (const overlapHours of [-1, 721, '1', null])
    expect((await running.api('POST', `/endpoints/${old.id}/rotate`, { overlapHours })).status).toBe(400);
});

it('no key is made, renewed or revoked by somebody who acts as somebody else', async () => {
  const { id, key } = await running.endpoint('generic');
  const accountNo = ACCOUNT_NO as AccountNo;
  const acting = { accountNo, actor: { accountNo, subject: `account:${accountNo}` } };
  for (const [method, path, body] of [
    ['POST', '/endpoints', { agent: 'restic', accountNo }],
    ['POST', `/endpoints/${id}/rotate`],
    ['DELETE', `/endpoints/${id}`],
  ] as const) {
    const answer = await running.apiAs(acting, method, path, body);
    expect(await answer.json()).toMatchObject({ status: 403, type: '/docs/problems/impersonating' });
  }
  expect((await running.apiAs(acting, 'GET', `/endpoints/${id}`)).status).toBe(200);
  expect((await running.post(`/ingest/generic/${key}`, '{"exitCode":1}')).status).toBe(200);
});

it('a key revoked by one process is refused by another within two seconds', async () => {
  const { id, key } = await running.endpoint('generic');
  const other = await runService('ingestion', {
    DATABASE_URL: running.database.url,
    KAFKA_BROKERS: running.kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: running.kafka.prefix,
    SERVICE_TOKEN_KEY: TOKEN_KEY,
  });
  const send = async (): Promise<number> =>
    (await fetch(`${other.url}/ingest/generic/${key}`, { method: 'POST', body: '{"exitCode":1}' })).status;
  try {
    expect(await send()).toBe(200);
    expect((await running.api('DELETE', `/endpoints/${id}`)).status).toBe(204);
    await eventually(async () => (await send()) === 410, { timeoutMs: 2000 });
  } finally {
    await other.stop();
  }
});

it('a process that is told to end under load loses no report that it has answered for', async () => {
  const { key } = await running.endpoint('generic');
  const service = await runService('ingestion', {
    DATABASE_URL: running.database.url,
    KAFKA_BROKERS: running.kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: running.kafka.prefix,
    SERVICE_TOKEN_KEY: TOKEN_KEY,
    RATE_LIMIT_PER_KEY: '100000',
    RATE_LIMIT_PER_PARTNER: '100000',
  });
  const accepted: string[] = [];
  let serial = 0;
  const caller = async (): Promise<void> => {
    for (;;) {
      const run = `load-${(serial += 1)}`;
      const body = JSON.stringify({ outcome: { status: 'failed' }, job: { nativeRunId: run } });
      try {
        const answer = await fetch(`${service.url}/ingest/generic/${key}`, { method: 'POST', body });
        if (answer.status !== 200) return;
        accepted.push(run);
      } catch {
        return;
      }
    }
  };
  const callers = Promise.all(Array.from({ length: 16 }, caller));
  await eventually(async () => accepted.length > 100, { timeoutMs: 20_000 });
  await service.stop();
  await callers;
  expect(await service.exited).toBe(0);
  const stored = await running.query<{ run: string }>(
    "SELECT body::json #>> '{job,nativeRunId}' AS run FROM event",
  );
  const runs = new Set(stored.map(({ run }) => run));
  expect(accepted.filter((run) => !runs.has(run))).toEqual([]);
});
