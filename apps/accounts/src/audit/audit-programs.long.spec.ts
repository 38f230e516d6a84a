import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  emptyDatabase,
  eventually,
  runProgram,
  type RunningService,
  runService,
  testKafka,
} from '@backhaul/testing';
import type { DataSource } from 'typeorm';
import { accountsDataSource } from '../database.js';

jest.setTimeout(180_000);
const cleanUp: (() => Promise<unknown>)[] = [];
let env: Record<string, string>;
let accounts: RunningService;
let owner: DataSource;
let partnerId: string;

beforeAll(async () => {
  const kafka = await testKafka();
  const database = await emptyDatabase();
  env = {
    DATABASE_URL: database.url,
    SERVICE_TOKEN_KEY: 'token-key-of-the-suite'.repeat(2),
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    AUDIT_ANCHOR_MINUTES: '1',
  };
  cleanUp.push(
    () => kafka.close(),
    () => database.drop(),
  );
  await runProgram('accounts', 'migrate.js', env);
  const made = await runProgram('accounts', 'create-partner.js', env, ['--name', 'Audited']);
  ({ partnerId } = JSON.parse(made) as { partnerId: string });
  owner = await accountsDataSource(database.url).initialize();
  cleanUp.push(() => owner.destroy());
  accounts = await runService('accounts', env);
  cleanUp.push(() => accounts.stop());
});
afterAll(async () => {
  for (const undo of cleanUp.reverse()) await undo();
});

const verify = async (): Promise<Record<string, unknown>> =>
  JSON.parse(await runProgram('accounts', 'verify-audit.js', env, ['--partner', partnerId])) as Record<
    string,
    unknown
  >;

it('the service anchors each log; the programs find one that was cut, and seal it after a restore', async () => {
  await eventually(() => expect(accounts.logs()).toContain('end of an audit log anchored'), {
    timeoutMs: 60_000,
  });
  expect(await verify()).toMatchObject({ isIntact: true, anchorState: 'agrees', anchoredEntries: 1 });
  expect(await runProgram('accounts', 'verify-audit.js', env, ['--public-key'])).toContain(
    'BEGIN PUBLIC KEY',
  );

  await owner.query('DELETE FROM audit_entry WHERE partner_id = $1', [partnerId]);
  await expect(verify()).rejects.toThrow('"anchorState":"shorter"');
  const reseal = ['--partner', partnerId, '--reason', 'Restored, ticket 4711'];
  expect(await runProgram('accounts', 'reseal-audit.js', env, reseal)).toContain(`${partnerId} sealed`);
  expect(await verify()).toMatchObject({ isIntact: true, anchorState: 'agrees', entries: 1 });
  expect(await runProgram('accounts', 'reseal-audit.js', env, ['--all', '--reason', 'x'])).toContain(
    `${partnerId} kept`,
  );
});

it.each([
  ['verify-audit.js', ['--partner', 'x']],
  ['reseal-audit.js', ['--all']],
  ['reseal-audit.js', ['--reason', 'x']],
  ['reseal-audit.js', ['--all', '--partner', '0190f3a1-0000-7000-8000-00000000ffff', '--reason', 'x']],
])('%s %j says how it is used', async (file, args) => {
  await expect(runProgram('accounts', file, env, args)).rejects.toThrow('Usage');
});
