import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { askApi } from '../api.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import { PROVIDERS } from '../topology.js';

const ROLE = 'backhaul_runtime';
const ACCOUNT = 'SELECT 1 FROM account WHERE username = $1';
const ENDPOINT = 'SELECT 1 FROM endpoint WHERE name = $1';
const AUDITED = 'SELECT 1 FROM audit_entry WHERE action = $1 AND target = $2';

/** Neither accounts can write its chain, nor ingestion what it has to say to it. */
async function mayWrite({ stores }: System, may: boolean): Promise<void> {
  const [verb, to] = may ? ['GRANT', 'TO'] : ['REVOKE', 'FROM'];
  await stores.query('accounts', `${verb} INSERT ON audit_entry ${to} ${ROLE}`);
  await stores.query('ingestion', `${verb} INSERT ON outbox ${to} ${ROLE}`);
}

const newAccount = (system: System, username: string): ReturnType<typeof askApi> =>
  askApi(system, 'POST', '/accounts', {
    custId: system.account('connectwise').custId,
    username,
    hostName: username.toUpperCase(),
    randomPassword: true,
  });
const newEndpoint = (system: System, name: string): ReturnType<typeof askApi> =>
  askApi(system, 'POST', '/endpoints', {
    agent: 'restic',
    accountNo: system.account('connectwise').accountNo,
    name,
  });

export const row: FaultRow = {
  number: 53,
  fault: 'what people do can no longer be written into the audit log',
  expected:
    'privileged actions are refused, nothing of them is left; reports become tickets as ever; what others had to say to the log meanwhile comes afterwards, once',
  promises: ['P1', 'P9'],
  group: 'psas',
  smaller: 'apps/accounts/src/audit/audit.db.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const { stores } = system;
    const run = randomBytes(4).toString('hex');
    assert.equal((await newAccount(system, `before-${run}`)).status, 201);

    phase('inject');
    // Said by ingestion before its own outbox is shut: accounts takes it later.
    await stores.query('accounts', `REVOKE INSERT ON audit_entry FROM ${ROLE}`);
    const waiting = await newEndpoint(system, `waits-${run}`);
    assert.equal(waiting.status, 201);
    const { id } = waiting.body as { id: string };
    await mayWrite(system, false);
    try {
      phase('expect');
      const refused = [
        (await newAccount(system, `refused-${run}`)).status,
        (await newEndpoint(system, `refused-${run}`)).status,
      ];
      measured('privileged actions answered', refused.join(', '));
      assert.ok(
        refused.every((status) => status >= 500),
        `answered ${refused.join(', ')}`,
      );
      assert.equal(await stores.count('accounts', ACCOUNT, [`refused-${run}`]), 0);
      assert.equal(await stores.count('ingestion', ENDPOINT, [`refused-${run}`]), 0);
      for (const provider of PROVIDERS) {
        await system.report(system.account(provider, 5), 'failure', `Row53-${provider}`);
        await system.ticket(`Row53-${provider}`, 'open');
      }
    } finally {
      await mayWrite(system, true);
    }

    phase('heal');
    const mended = await newAccount(system, `refused-${run}`);
    assert.equal(mended.status, 201);
    const { accountNo } = mended.body as { accountNo: number };
    await stores.until('accounts', AUDITED, { params: ['endpoint.create', `endpoint:${id}`] });
    await invariants();
    assert.equal(await stores.count('accounts', AUDITED, ['endpoint.create', `endpoint:${id}`]), 1);
    assert.equal(await stores.count('accounts', AUDITED, ['account.create', `account:${accountNo}`]), 1);
  },
};
