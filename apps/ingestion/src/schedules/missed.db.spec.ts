import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_SCHEDULE, incidentKeyOf, keysResolvedBy, resolves, type ScheduleSettings, type Weekday } from '@backhaul/domain'; // prettier-ignore
import { AccountReadModel } from '../accounts/account.read-model.js';
import { DAY_MS, HOUR_MS, ScheduleWorld } from '../testing/schedule-world.js';

jest.setTimeout(180_000);
const ACCOUNT = 80202028;
const MINUTE_MS = 60_000;

let world: ScheduleWorld;
beforeAll(async () => {
  world = await ScheduleWorld.start();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.empty();
  await world.account(ACCOUNT);
});

const set = async (over: Partial<ScheduleSettings>): Promise<void> =>
  void (await world.query('INSERT INTO account_schedule VALUES ($1, $2, $3, 1, now())', [
    ACCOUNT,
    world.partnerId,
    JSON.stringify({ ...DEFAULT_SCHEDULE, ...over }),
  ]));

describe('a backup that does not come (E1, F11)', () => {
  it('is missed within a minute after six hours of grace, once, and names its job', async () => {
    await world.nights(10);
    await world.up(DAY_MS + 6 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    await world.up(MINUTE_MS);
    expect(await world.look()).toEqual(['backup.missed']);
    await world.up(DAY_MS);
    expect(await world.look()).toEqual([]);
    const [event] = await world.told();
    expect(event).toMatchObject({
      type: 'backup.missed',
      source: { agent: 'duplicati', adapter: 'schedule', transport: 'inferred' },
      tenant: { accountNo: ACCOUNT, customerId: 34826, resolution: 'matched' },
      identity: { hostName: `HOST-${ACCOUNT}` },
      job: { nativeJobId: 'DB-1', jobName: 'Job DB-1' },
      outcome: { phase: 'observed', status: 'missed', severity: 'ERROR' },
      timing: { scheduledAt: '2026-12-11T22:00:00.000Z' },
    });
    expect(event?.outcome.message).toContain('expected at 2026-12-11T22:00:00.000Z, and 6 hours');
  });

  it('ends with the next run of the same job, and is missed anew after that', async () => {
    await world.nights(10);
    await world.up(DAY_MS + 7 * HOUR_MS);
    await world.look();
    const ran = await world.report();
    const [missed] = await world.told();
    const [row] = await world.query<{ body: string }>('SELECT body FROM event WHERE event_id = $1', [ran]);
    const event = JSON.parse(row?.body ?? '') as NonNullable<typeof missed>;
    expect(missed && keysResolvedBy(event).includes(incidentKeyOf(missed))).toBe(true);
    expect(resolves(event.type, event.outcome.severity, 'backup.missed')).toBe(true);
    await world.up(DAY_MS + 7 * HOUR_MS);
    expect(await world.look()).toEqual(['backup.missed']);
  });

  it('is not missed before anything was learned: a week of runs is too little', async () => {
    await world.nights(7);
    await world.up(2.5 * DAY_MS);
    expect(await world.look()).toEqual([]);
  });

  it('is not missed when it came late, but in time', async () => {
    await world.nights(10);
    await world.up(DAY_MS + 5 * HOUR_MS);
    await world.report({ status: 'failed' });
    await world.up(2 * HOUR_MS);
    expect(await world.look()).toEqual([]);
  });

  it('is not missed where its result stands in the log and was not followed yet', async () => {
    await world.nights(10);
    await world.up(DAY_MS + 7 * HOUR_MS);
    await world.report();
    expect((await world.lookOnly()).flatMap(({ raised }) => raised)).toEqual([]);
    expect(await world.look()).toEqual([]);
  });

  it('is expected at the times that were set, over the change of the clock', async () => {
    const weekly = { days: ['sat', 'sun'] as Weekday[], at: ['02:30'], timeZone: 'Europe/Berlin' };
    await set({ mode: 'set', times: { weekly }, graceMinutes: 60 });
    world.clock.set('2027-03-27T01:35:00Z');
    await world.up();
    await world.report();
    // On Sunday the wall goes from 02:00 to 03:00: half past two comes at 01:30 UTC.
    await world.up(Date.parse('2027-03-28T02:30:10Z') - world.clock.now().getTime());
    expect(await world.look()).toEqual([]);
    await world.up(10_000);
    expect(await world.look()).toEqual(['backup.missed']);
    expect((await world.told())[0]?.timing.scheduledAt).toBe('2027-03-28T01:30:00.000Z');
  });

  it('is expected when Duplicati said that it would run next, from the first report on', async () => {
    await world.report({ nextRun: '2026-12-03T03:00:00Z' });
    await world.follow();
    await world.up(35 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    await world.up(MINUTE_MS);
    expect(await world.look()).toEqual(['backup.missed']);
    expect((await world.told())[0]?.timing.scheduledAt).toBe('2026-12-03T03:00:00.000Z');
  });

  it('is expected so many hours after the one before', async () => {
    await set({ mode: 'set', times: { everyHours: 4 } });
    await world.report();
    await world.follow();
    await world.up(10 * HOUR_MS + MINUTE_MS);
    expect(await world.look()).toEqual(['backup.missed']);
  });

  it('is stalled when it began and gave no sign of life for a day', async () => {
    await world.report({ phase: 'started', status: 'running' });
    await world.up(23 * HOUR_MS);
    await world.report({ phase: 'progress', status: 'running' });
    await world.up(2 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    await world.up(23 * HOUR_MS);
    expect(await world.look()).toEqual(['backup.stalled']);
    expect((await world.told())[0]).toMatchObject({
      job: { nativeJobId: 'DB-1' },
      outcome: { severity: 'WARNING' },
    });
  });
});

describe('an account that is silent (E1, F11)', () => {
  it('has no recent backup after three days, which is an error after five', async () => {
    await world.report();
    await world.up(3 * DAY_MS + MINUTE_MS);
    expect(await world.look()).toEqual(['backup.none_recent']);
    await world.up(2 * DAY_MS);
    expect(await world.look()).toEqual(['backup.none_recent']);
    await world.up(5 * DAY_MS);
    expect(await world.look()).toEqual([]);
    const told = await world.told();
    expect(told.map(({ outcome }) => outcome.severity)).toEqual(['WARNING', 'ERROR']);
    // One problem of the account that becomes worse.
    expect(new Set(told.map(incidentKeyOf)).size).toBe(1);
  });

  it('has never run three days after it was made; accounts of people never do', async () => {
    await world.account(ACCOUNT + 1, world.partnerId, 'power-user');
    await world.account(ACCOUNT + 2, world.partnerId, 'partner-read-only');
    for (const no of [ACCOUNT + 1, ACCOUNT + 2])
      await world.query(
        `INSERT INTO expectation (account_no, job_hash, partner_id, bucket, status, known_since, due_at)
         VALUES ($1, 0, $2, 1, 'waiting', $3, $3)`,
        [no, world.partnerId, world.clock.now()],
      );
    await world.up(MINUTE_MS);
    expect(await world.look()).toEqual([]);
    await world.up(3 * DAY_MS);
    expect(await world.look()).toEqual(['backup.never_run']);
    const [event] = await world.told();
    expect(event).toMatchObject({
      tenant: { accountNo: ACCOUNT + 1 },
      identity: { hostName: `HOST-${ACCOUNT + 1}` },
    });
  });
});

describe('accounts as they are told to us', () => {
  const told = async (role: string | null): Promise<unknown[]> => {
    const { partnerId } = world;
    const account = {
      partnerId,
      accountNo: ACCOUNT,
      custId: 34826,
      brandId: null,
      username: 'u',
      hostName: null,
    };
    const payload = role === null ? null : { ...account, role };
    await new AccountReadModel(world.unitOfWork).putAccounts(new Map([[String(ACCOUNT), payload]]));
    return world.query('SELECT 1 FROM expectation WHERE account_no = $1', [ACCOUNT]);
  };

  it('are waited for from then on, where they back something up, and forgotten when they go (A14)', async () => {
    expect(await told('partner-api')).toHaveLength(0);
    expect(await told('power-user')).toHaveLength(1);
    expect(await told('power-user')).toHaveLength(1);
    await world.nights(2);
    await set({ mode: 'off' });
    expect(await told(null)).toHaveLength(0);
    expect(await world.query('SELECT 1 FROM account_schedule')).toHaveLength(0);
  });
});

describe('nobody is told', () => {
  const silent = async (): Promise<void> => {
    await world.nights(10);
    await world.up(DAY_MS + 7 * HOUR_MS);
  };

  it.each<[string, () => Promise<unknown>]>([
    ['of a deleted account', () => world.query('DELETE FROM account')],
    [
      'of a suspended partner',
      () => world.query(`INSERT INTO partner VALUES ($1, 'x', true)`, [world.partnerId]),
    ],
  ])('%s', async (_what, make) => {
    await silent();
    await make();
    expect(await world.look()).toEqual([]);
    const [row] = await world.query<{ due_at: Date }>('SELECT min(due_at) AS due_at FROM expectation');
    expect(row?.due_at.getTime()).toBeGreaterThan(world.clock.now().getTime());
  });

  it('of a job that is switched off', async () => {
    await set({ mode: 'off' });
    await silent();
    await world.up(10 * DAY_MS);
    expect(await world.look()).toEqual([]);
  });
});
