import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { eventually, runProgram, type RunningService, ServiceGroup } from '@backhaul/testing';
import type { DataSource } from 'typeorm';
import { accountsDataSource } from '../database.js';

jest.setTimeout(180_000);
let services: ServiceGroup;
let env: Record<string, string>;
let accounts: RunningService;
let owner: DataSource;
let partnerId: string;

beforeAll(async () => {
  services = await ServiceGroup.start({ AUDIT_ANCHOR_MINUTES: '1' });
  const DATABASE_URL = await services.database('accounts');
  env = { ...services.settings, DATABASE_URL };
  const made = await runProgram('accounts', 'create-partner.js', env, ['--name', 'Audited']);
  ({ partnerId } = JSON.parse(made) as { partnerId: string });
  owner = await accountsDataSource(DATABASE_URL).initialize();
  accounts = await services.run('accounts', { DATABASE_URL });
});
afterAll(async () => {
  await owner.destroy();
  await services.stop();
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
