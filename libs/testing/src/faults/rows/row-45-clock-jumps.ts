import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { Client } from '../../walls/client.js';
import { totpCode } from '../../walls/totp.js';
import { MachineClock } from '../machine-clock.js';
import { membersOf } from '../offsets.js';
import type { FaultRow, RowRun } from '../row.js';
import type { System } from '../system.js';

const SERVICES = ['accounts', 'ingestion', 'notifications', 'ticketing-connectwise'] as const;
const HOUR_MS = 3_600_000;
const SOON_MS = 5000;
/** Longer than Kafka misses a member that sends no heartbeat. */
const SILENT_MS = 15_000;

const WITHHELD = 'SELECT 1 FROM problem_watch WHERE account_no = $1 AND withheld IS NOT NULL';
const EXPECTED = `SELECT 1 FROM expectation WHERE account_no = $1 AND job_hash <> 0 AND status = 'waiting'
  AND last_event_id IN (SELECT event_id FROM event WHERE body::json->'job'->>'nativeJobId' = $2)
  AND due_at BETWEEN clock_timestamp() + interval '6 h' AND clock_timestamp() + interval '8 h'`;
const MISSED = "SELECT 1 FROM event WHERE body::json->>'type' = 'backup.missed'";
const OUTAGES = "SELECT 1 FROM ingest_outage WHERE to_at - from_at > interval '1 h'";

/** No ticket for that job before then. Answers its path. */
async function silence({ partner }: System, job: string, forMs: number): Promise<string> {
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
  const { id } = await partner.post<{ id: string }>('/silences', {
    scope: { jobNames: [job] },
    // Ingestion, which stamps what comes, and notifications may know the time half a second apart.
    startsAt: inMs(-HOUR_MS),
    endsAt: inMs(forMs),
    reason: `Fault row 45: ${job}`,
  });
  return `/silences/${id}`;
}

const assertWithheld = ({ stores }: System, accountNo: number): Promise<void> =>
  eventually(
    async () => {
      const withheld = await stores.count('notifications', WITHHELD, [accountNo]);
      assert.equal(withheld, 1, 'nothing is withheld');
    },
    { timeoutMs: 60_000 },
  );

/** Somebody's browser, as it stands once they have logged in. */
async function logIn(system: System, custId: number, username: string): Promise<() => Promise<number>> {
  const wanted = { custId, username, role: 'partner-read-only', randomPassword: true };
  const { password } = await system.partner.post<{ password: string }>('/accounts', wanted);
  const client = new Client(`${system.fleet.url('gateway')}/api/v1`);
  const browser = { 'sec-fetch-site': 'same-origin' };
  const { cookie } = await client.call('POST', '/session', { username, password }, browser);
  const session = { ...browser, cookie: String(cookie) };
  return async () => {
    const { body } = await client.call('POST', '/me/mfa', undefined, session);
    const code = totpCode(String(body['secret']), new Date());
    return (await client.call('POST', '/me/mfa/confirm', { code }, session)).status;
  };
}

/** An hour after a run that is expected in six it is missed. */
async function expectRun({ partner }: System, accountNo: number): Promise<void> {
  const times = { everyHours: 6 };
  await partner.put(`/accounts/${accountNo}/schedule`, { mode: 'set', times, graceMinutes: 60 });
}

const assertExpected = ({ stores }: System, accountNo: number, job: string): Promise<void> =>
  eventually(
    async () => {
      const expected = await stores.count('ingestion', EXPECTED, [accountNo, job]);
      assert.equal(expected, 1, 'the next run is not expected in some hours');
    },
    { timeoutMs: 60_000 },
  );

/** Nobody who reads from Kafka is missed there: heartbeats went on. */
async function assertMembers(system: System, jumpedAt: number): Promise<void> {
  await eventually(() => performance.now() - jumpedAt > SILENT_MS, { timeoutMs: SILENT_MS * 2 });
  for (const group of SERVICES)
    await eventually(async () => assert.equal(await membersOf(system, group), 1, `${group} is missed`));
}

async function jump(run: RowRun, clock: MachineClock, hours: number): Promise<void> {
  const { system, phase } = run;
  const name = (what: string): string => `Row45-${hours > 0 ? 'ahead' : 'behind'}-${what}`;
  const first = hours > 0 ? 0 : 3;
  const [later, soon, plain] = [0, 1, 2].map((n) => ({
    account: system.account('connectwise', first + n),
    job: name(['later', 'soon', 'plain'][n] ?? ''),
  }));
  const watched = system.account('autotask', first);
  assert.ok(later && soon && plain);
  const running = SERVICES.map((service) => system.fleet.service(service));

  phase('arrange');
  const path = await silence(system, later.job, 6 * HOUR_MS);
  await system.report(later.account, 'failure', later.job);
  await assertWithheld(system, later.account.accountNo);
  await system.report(watched, 'success', name('watched'));
  await expectRun(system, watched.accountNo);
  await assertExpected(system, watched.accountNo, name('watched'));
  const enrol = await logIn(system, plain.account.custId, name('person').toLowerCase());

  phase('inject');
  await clock.jump(hours, running);
  const jumpedAt = performance.now();

  phase('expect');
  assert.equal(await enrol(), 200, 'the session is over, or the code of a clock that is right was refused');
  await silence(system, soon.job, SOON_MS);
  await system.report(soon.account, 'failure', soon.job);
  await system.report(plain.account, 'failure', plain.job);
  await system.ticket(plain.job, 'open', 90_000);
  await system.ticket(soon.job, 'open', 90_000);
  await assertMembers(system, jumpedAt);
  // All who look for what is due have looked more than once.
  assert.equal((await system.tickets(later.job)).length, 0, 'what waits for hours was told early');
  await assertExpected(system, watched.accountNo, name('watched'));
  assert.equal(await system.stores.count('ingestion', MISSED), 0, 'a backup is said to be missed');
  assert.equal(await system.stores.count('ingestion', OUTAGES), 0, 'reports are said to have been kept out');

  phase('heal');
  const { etag } = await system.partner.call('GET', path);
  assert.equal((await system.partner.call('DELETE', path, undefined, etag)).status, 204);
  await system.ticket(later.job, 'open', 90_000);
  await clock.jump(0, running);
  for (const { account, job } of [later, soon, plain]) await system.report(account, 'success', job);
  for (const { job } of [later, soon, plain]) await system.ticket(job, 'closed', 90_000);
  await system.partner.put(`/accounts/${watched.accountNo}/schedule`, { mode: 'learned' });
}

export const row: FaultRow = {
  number: 45,
  fault: 'the clock of the machine under running services jumps twelve hours ahead, and twelve hours back',
  expected:
    'what is held back for hours is not told early nor what is due late, no backup is missed, sessions and codes of authenticators count, tickets open and close, and nobody loses a partition',
  promises: ['P6', 'P8', 'P9'],
  group: 'servers',
  async run(run) {
    const { system, phase, measured } = run;
    phase('arrange');
    const clock = new MachineClock(system.dir);
    await Promise.all(SERVICES.map((name) => system.fleet.restart(name, clock.settings)));
    for (const hours of [12, -12]) await jump(run, clock, hours);
    await run.invariants(180_000);
    await Promise.all(SERVICES.map((name) => system.fleet.restart(name)));
    measured('hours of each jump', 12);
  },
};
