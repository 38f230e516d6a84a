import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpApp, signPrincipal } from '@backhaul/http';
import { UnitOfWork } from '@backhaul/persistence';
import { createEgressDispatcher, parseAllowList } from '@backhaul/psa';
import { createLogger } from '@backhaul/telemetry';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
import { ApiKeyRepository } from '../api-keys/api-key.repository.js';
import { ChangeApiKeysHandler } from '../api-keys/change-api-keys.handler.js';
import { AppModule } from '../app.module.js';
import { ENTITIES } from '../database.js';
import { MIGRATIONS } from '../migrations.js';
import { CreatePartnerHandler } from '../partners/create-partner.handler.js';

const KEY = 'k'.repeat(32);

describe('customers over REST', () => {
  let database: TestDatabase;
  let http: Awaited<ReturnType<typeof createHttpApp>>;
  let ours: string;
  let theirs: string;
  const dispatcher = createEgressDispatcher({ allow: [] });

  const principalOf = async (name: string): Promise<string> => {
    const unitOfWork = new UnitOfWork(database.dataSource);
    const keys = new ChangeApiKeysHandler(unitOfWork, new ApiKeyRepository(database.dataSource));
    const { partnerId } = await new CreatePartnerHandler(unitOfWork, keys).create(name);
    return signPrincipal(
      KEY,
      { partnerId, role: 'partner-senior-manager', scopes: [], subject: 'test' },
      'accounts',
      300,
    );
  };

  beforeAll(async () => {
    database = await testDatabase({ migrations: MIGRATIONS, entities: ENTITIES });
    const egress = { allow: parseAllowList([]), dispatcher };
    http = await createHttpApp(
      AppModule.with({ dataSource: database.dataSource, kek: randomBytes(32), egress }),
      {
        name: 'accounts',
        host: '127.0.0.1',
        port: 0,
        managementPort: 0,
        logger: createLogger({ service: 'accounts', level: 'error' }),
        serviceTokenKey: KEY,
      },
    );
    await http.app.init();
    [ours, theirs] = [await principalOf('Ours'), await principalOf('Theirs')];
  });
  afterAll(async () => {
    await http.close();
    await dispatcher.close();
    await database.close();
  });

  const call = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object | string,
    headers: Record<string, string> = {},
    principal = ours,
  ) =>
    http.fastify.inject({
      method,
      url: `/api/v1/${path}`,
      headers: {
        'x-backhaul-principal': principal,
        ...(payload !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload !== undefined && { payload }),
    });
  const add = async () => {
    const answer = await call('POST', 'customers', { name: 'ACME' });
    expect(answer.statusCode).toBe(201);
    return { custId: answer.json<{ custId: number }>().custId, etag: String(answer.headers['etag']) };
  };
  const outboxOf = (custId: number) =>
    database.dataSource.query<{ payload: string | null }[]>(
      "SELECT payload FROM outbox WHERE topic LIKE 'accounts.customers%' AND key LIKE $1 ORDER BY seq",
      [`%${custId}`],
    );

  it.each([
    ['broken JSON', '{"name":', 400],
    ['a wrong type', { name: 7 }, 400],
    ['an unknown field', { name: 'A', colour: 'red' }, 400],
    ['a missing field', {}, 400],
  ])('refuses %s', async (_what, body, status) => {
    expect((await call('POST', 'customers', body)).statusCode).toBe(status);
  });

  it('refuses a body that is too large, and a call without a principal', async () => {
    expect((await call('POST', 'customers', { name: 'x'.repeat(20_000_000) })).statusCode).toBe(413);
    expect((await call('GET', 'customers', undefined, {}, '')).statusCode).toBe(401);
  });

  it('hides a customer of another partner behind 404', async () => {
    const { custId, etag } = await add();
    for (const method of ['GET', 'DELETE'] as const)
      expect(
        (await call(method, `customers/${custId}`, undefined, { 'if-match': etag }, theirs)).statusCode,
      ).toBe(404);
  });

  it('asks for If-Match and refuses a stale one', async () => {
    const { custId, etag } = await add();
    const path = `customers/${custId}`;
    expect((await call('PATCH', path, { name: 'B' })).statusCode).toBe(428);
    expect((await call('PATCH', path, { name: 'B' }, { 'if-match': etag })).statusCode).toBe(200);
    expect((await call('PATCH', path, { name: 'C' }, { 'if-match': etag })).statusCode).toBe(412);
  });

  it('answers a repeated Idempotency-Key the same, and 422 to another body', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await call('POST', 'customers', { name: 'Once' }, headers);
    const again = await call('POST', 'customers', { name: 'Once' }, headers);
    expect(again.json()).toEqual(first.json());
    expect((await call('POST', 'customers', { name: 'Other' }, headers)).statusCode).toBe(422);
  });

  it('publishes each change in its transaction, and a tombstone for a delete', async () => {
    const { custId, etag } = await add();
    const removed = await call('DELETE', `customers/${custId}`, undefined, { 'if-match': etag });
    expect(removed.statusCode).toBe(204);
    const rows = await outboxOf(custId);
    expect(rows).toHaveLength(2);
    expect(JSON.parse(rows[0]?.payload ?? '{}')).toMatchObject({ custId, name: 'ACME' });
    expect(rows[1]?.payload).toBeNull();
  });
});
