import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, PLATFORM, uuidv7 } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { asCaller } from '@backhaul/persistence';
import { DAY_MS, HOUR_MS, ScheduleWorld } from '../testing/schedule-world.js';
import { alarmHoldOut } from './alarm-holds.types.js';
import { DecideHeldAlarmsHandler } from './decide-held-alarms.handler.js';

jest.setTimeout(180_000);
const MINUTE_MS = 60_000;
const FIRST = 80400000;
const OTHER = uuidv7(2) as PartnerId;
const OPERATOR = {
  partnerId: PLATFORM,
  subject: 'operator:1',
  onBehalfOf: null,
  ip: null,
  requestId: null,
};

let world: ScheduleWorld;
let handler: DecideHeldAlarmsHandler;
beforeAll(async () => {
  world = await ScheduleWorld.start();
  handler = new DecideHeldAlarmsHandler(world.unitOfWork, world.clock);
});
afterAll(() => world.close());
beforeEach(() => world.empty());

/** The accounts from that index on, so many, are another partner's. */
async function belong(partnerId: PartnerId, index: number, count: number): Promise<void> {
  for (const table of ['account', 'expectation'])
    await world.query(
      `UPDATE ${table} SET partner_id = $1 WHERE account_no BETWEEN $2::bigint AND $2::bigint + $3 - 1`,
      [partnerId, FIRST + index, count],
    );
}
/** Nothing came in the night of so many jobs, and nobody is told. */
async function held(count: number, belonging: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await world.nightly(count, FIRST);
  await belonging();
  await world.up(DAY_MS + 7 * HOUR_MS);
  expect(await world.look()).toEqual([]);
}
const shown = async () => {
  const { now, rows } = await handler.page(null, 100);
  return rows.map((row) => alarmHoldOut(row, now));
};
const waiting = async () => (await shown()).map(({ id, alarms, heldBy }) => [id, alarms, heldBy]);
const told = async (): Promise<number> => {
  await world.up(MINUTE_MS);
  return (await world.look()).length;
};
function refused(error: unknown): null {
  if (error instanceof Problem) return null;
  throw error;
}
async function audited(): Promise<unknown[]> {
  const rows = await world.query<{ payload: string }>(
    `SELECT payload FROM outbox WHERE topic = 'audit.entries.v1' ORDER BY xid, seq`,
  );
  return rows.map(({ payload }) => {
    const { partnerId, subject, action, targetId, detail } = JSON.parse(payload) as Record<string, unknown>;
    return [partnerId, subject, action, targetId, detail];
  });
}

describe('alarms that are held', () => {
  it('are shown by partner: how many, since when, until when and why', async () => {
    await held(40, () => belong(OTHER, 20, 20));
    const now = world.clock.now();
    const ours = {
      id: world.partnerId,
      partnerName: null,
      alarms: 20,
      since: now.toISOString(),
      heldBy: 'partner',
      why: "More than 5 % of the partner's accounts, and more than 10, were found missing within 5 minutes: the fault is likely ours.",
      releasesAt: new Date(now.getTime() + 30 * MINUTE_MS).toISOString(),
    };
    expect(await shown()).toEqual([ours, { ...ours, id: OTHER }]);
    await world.up(20 * MINUTE_MS);
    // One was late only, and is waited for no more.
    await world.report({ accountNo: FIRST });
    await world.follow();
    expect((await shown())[0]).toEqual({ ...ours, alarms: 19 });
  });

  it('are told when they are released, and nobody else’s', async () => {
    await held(40, () => belong(OTHER, 20, 20));
    await world.report({ accountNo: FIRST });
    const done = await asCaller(OPERATOR, () => handler.release(world.partnerId, ' It was theirs '));
    expect(done).toEqual({ alarms: 20, partners: 1 });
    expect(await waiting()).toEqual([[world.partnerId, 0, null], [OTHER, 20, 'partner']]); // prettier-ignore
    expect(await told()).toBe(19);
    expect(new Set((await world.told()).map(({ tenant }) => tenant.partnerId))).toEqual(
      new Set([world.partnerId]),
    );
    expect(await audited()).toEqual([
      [world.partnerId, 'operator:1', 'alarm-hold.release', world.partnerId, { reason: 'It was theirs', alarms: 20 }],
    ]); // prettier-ignore
    await expect(handler.release(world.partnerId, 'again')).rejects.toMatchObject({ status: 409 });
    await expect(handler.drop(world.partnerId, 'again')).rejects.toMatchObject({ status: 409 });
  });

  it('are released though reports were lost meanwhile', async () => {
    await held(20);
    const [from, to] = [MINUTE_MS, 2 * MINUTE_MS].map((ms) => new Date(world.clock.now().getTime() + ms));
    await world.query('INSERT INTO ingest_outage VALUES ($1, $2)', [from, to]);
    await world.up(3 * MINUTE_MS);
    await handler.release(world.partnerId, 'It was theirs');
    expect(await told()).toBe(20);
  });

  it('are never told when they are dropped; what does not come the next time is', async () => {
    await held(20);
    const done = await asCaller(OPERATOR, () => handler.drop(world.partnerId, 'The load balancer'));
    expect(done).toEqual({ alarms: 20, partners: 1 });
    expect(await waiting()).toEqual([[world.partnerId, 0, 'partner']]);
    expect(await audited()).toEqual([
      [world.partnerId, 'operator:1', 'alarm-hold.drop', world.partnerId, { reason: 'The load balancer', alarms: 20 }],
    ]); // prettier-ignore
    await expect(handler.drop(world.partnerId, 'again')).rejects.toMatchObject({ status: 409 });
    expect(await told()).toBe(0);
    expect(await waiting()).toEqual([[world.partnerId, 0, 'partner']]);
    await world.up(20 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    expect(await waiting()).toEqual([]);
    await world.query('DELETE FROM expectation WHERE account_no >= $1', [FIRST + 5]);
    await world.up(12 * HOUR_MS);
    expect(await world.look()).toEqual(Array.from({ length: 5 }, () => 'backup.missed'));
  });

  it('of nobody that is known are nobody’s (404)', async () => {
    await held(20);
    for (const id of [OTHER, PLATFORM]) {
      await expect(handler.release(id, 'x')).rejects.toMatchObject({ status: 404 });
      await expect(handler.drop(id, 'x')).rejects.toMatchObject({ status: 404 });
    }
    expect(await waiting()).toEqual([[world.partnerId, 20, 'partner']]);
    expect(await audited()).toEqual([]);
  });

  it('are told once, however many look and decide at the same time', async () => {
    await held(20);
    // They are about to go out by themselves.
    await world.up(31 * MINUTE_MS);
    const decide = () => handler.release(world.partnerId, 'At once').catch(refused);
    await Promise.all([decide(), world.lookOnly(), decide(), world.lookOnly(world.handler()), decide()]);
    await told();
    expect(await world.told()).toHaveLength(20);
    expect(await waiting()).toEqual([[world.partnerId, 0, null]]);
  });
});

describe('alarms of all partners that are held', () => {
  const partners = Array.from({ length: 6 }, (_, index) => uuidv7(10 + index) as PartnerId);
  const [first = PLATFORM, ...others] = partners;
  const belonging = async (): Promise<void> => {
    for (const [index, partnerId] of partners.entries()) await belong(partnerId, index * 10, 10);
  };

  it('are released or dropped for one partner or for all, and each partner’s log tells', async () => {
    await held(60, belonging);
    expect(await waiting()).toEqual([['platform', 60, 'platform'], ...partners.map((id) => [id, 10, 'platform'])]); // prettier-ignore
    expect((await shown())[0]?.why).toContain('1 % of all accounts, and more than 50');
    await expect(handler.release(first, 'One alone')).rejects.toMatchObject({ status: 409 });
    expect(await handler.drop(first, 'Known')).toEqual({ alarms: 10, partners: 1 });
    expect(await handler.release(PLATFORM, 'A power cut')).toEqual({ alarms: 50, partners: 5 });
    expect(await waiting()).toEqual([['platform', 0, null]]);
    expect(await told()).toBe(50);
    const released = { reason: 'A power cut', alarms: 10 };
    expect(await audited()).toEqual([
      [first, 'system', 'alarm-hold.drop', first, { reason: 'Known', alarms: 10 }],
      [PLATFORM, 'system', 'alarm-hold.release', 'platform', { ...released, alarms: 50 }],
      ...others.map((id) => [id, 'system', 'alarm-hold.release', 'platform', released]),
    ]);
  });

  it('go out with those that partners’ own holds keep', async () => {
    await held(70, () => belong(OTHER, 0, 5));
    expect(await waiting()).toEqual([
      ['platform', 70, 'platform'],
      [world.partnerId, 65, 'partner'],
      [OTHER, 5, 'platform'],
    ]);
    expect(await handler.release(PLATFORM, 'A power cut')).toEqual({ alarms: 70, partners: 2 });
    expect(await told()).toBe(70);
  });

  it('are dropped all together', async () => {
    await held(60, belonging);
    expect(await handler.drop(PLATFORM, 'The load balancer')).toEqual({ alarms: 60, partners: 6 });
    expect(await told()).toBe(0);
    await expect(handler.drop(PLATFORM, 'again')).rejects.toMatchObject({ status: 409 });
  });
});
