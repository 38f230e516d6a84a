import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseApiKey } from '@backhaul/http';
import { migrate } from '@backhaul/persistence';
import { emptyDatabase, runProgram } from '@backhaul/testing';
import type { DataSource } from 'typeorm';
import { isPassword } from './accounts/passwords.js';
import { accountsDataSource } from './database.js';
import { MIGRATIONS } from './migrations.js';

jest.setTimeout(60_000);
let database: Awaited<ReturnType<typeof emptyDatabase>>;
let dataSource: DataSource;
beforeAll(async () => {
  database = await emptyDatabase();
  dataSource = await accountsDataSource(database.url).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const run = (file: string, args: string[] = []): Promise<string> =>
  runProgram('accounts', file, { DATABASE_URL: database.url }, args);
const outbox = () =>
  dataSource.query<{ topic: string; key: string; payload: string | null }[]>(
    'SELECT topic, key, payload FROM outbox ORDER BY xid, seq',
  );

describe('the operator’s programs, as processes', () => {
  it('migrate: builds the tables once, and again after it was taken back', async () => {
    const tables = async (): Promise<number> =>
      (await dataSource.query<unknown[]>("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).length;
    expect(await run('migrate.js')).toContain('AccountRules1763500200000');
    const built = await tables();
    expect(await run('migrate.js')).toContain('"migrations":[]');
    for (const _ of MIGRATIONS) await dataSource.undoLastMigration();
    expect(await tables()).toBe(1);
    expect(await migrate(dataSource)).toHaveLength(MIGRATIONS.length);
    expect(await tables()).toBe(built);
  });

  it('create-partner: prints ids and the first key, which is stored nowhere', async () => {
    const made = JSON.parse(await run('create-partner.js', ['--name', ' Acme MSP '])) as Record<
      string,
      string
    >;
    const key = parseApiKey(made['apiKey'] ?? '');
    expect(made).toEqual({
      partnerId: expect.any(String),
      brandId: expect.any(String),
      apiKey: expect.any(String),
    });
    const sent = await outbox();
    expect(sent.map(({ topic, payload }) => [topic, JSON.parse(payload ?? '') as unknown])).toEqual([
      ['accounts.partners.v1', { partnerId: made['partnerId'], name: 'Acme MSP', isSuspended: false }],
      ['accounts.brands.v1', expect.objectContaining({ parentId: null, path: [made['brandId']] })],
      [
        'accounts.api-keys.v1',
        expect.objectContaining({
          keyId: key?.keyId,
          secretHash: key?.secretHash,
          role: 'partner-senior-manager',
        }),
      ],
    ]);
    expect(JSON.stringify(sent)).not.toContain(made['apiKey']);
  });

  it.each([[[]], [['--name', ' ']], [['--name', 'x'.repeat(201)]], [['--colour', 'red']]])(
    'create-partner: refuses %j and creates nothing',
    async (args) => {
      const before = (await outbox()).length;
      await expect(run('create-partner.js', args)).rejects.toThrow(/Usage|Unknown option/);
      expect(await outbox()).toHaveLength(before);
    },
  );

  it('create-operator: prints the password once, keeps only its hash, and makes nobody twice', async () => {
    const made = JSON.parse(await run('create-operator.js', ['--username', 'jo.operator'])) as Record<
      string,
      string
    >;
    expect(made).toEqual({
      operatorId: expect.any(String),
      username: 'jo.operator',
      password: expect.stringMatching(/^[A-Za-z2-9]{24}$/),
    });
    const operators = () =>
      dataSource.query<{ operator_id: string; password_hash: string }[]>(
        'SELECT o.* FROM operator o JOIN person p ON p.operator_id = o.operator_id',
      );
    const [kept, ...others] = await operators();
    expect([kept?.operator_id, others]).toEqual([made['operatorId'], []]);
    expect(await isPassword(made['password'] ?? '', kept?.password_hash ?? '')).toBe(true);
    expect(JSON.stringify(kept)).not.toContain(made['password']);
    await expect(run('create-operator.js', ['--username', 'JO.operator'])).rejects.toThrow('already');
    expect(await operators()).toHaveLength(1);
  });

  it.each([
    [[]],
    [['--username', '']],
    [['--username', 'a b']],
    [['--username', 'x'.repeat(101)]],
    [['--name', 'jo']],
  ])('create-operator: refuses %j and makes nobody', async (args) => {
    const count = async () => (await dataSource.query<unknown[]>('SELECT 1 FROM operator')).length;
    const before = await count();
    await expect(run('create-operator.js', args)).rejects.toThrow(/Usage|Unknown option/);
    expect(await count()).toBe(before);
  });

  it('republish: tells everything again, and nothing that is gone', async () => {
    const before = await outbox();
    await dataSource.query('DELETE FROM outbox');
    expect(await run('republish.js')).toBe('3 records are in the outbox\n');
    expect((await outbox()).map(({ topic, key, payload }) => [topic, key, payload])).toEqual(
      before.map(({ topic, key, payload }) => [topic, key, payload]),
    );
  });

  it('names a wrong setting, and does not repeat it', async () => {
    const wrong = runProgram('accounts', 'migrate.js', { DATABASE_URL: 'mysql://hush-hush' });
    await expect(wrong).rejects.toThrow('DATABASE_URL');
    await expect(wrong).rejects.not.toThrow('hush-hush');
  });
});
