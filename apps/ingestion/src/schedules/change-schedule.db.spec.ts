import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uuidv7, wholePartner } from '@backhaul/domain';
import { HOUR_MS, ScheduleWorld } from '../testing/schedule-world.js';
import { ChangeScheduleHandler, scheduleEtag } from './change-schedule.handler.js';

jest.setTimeout(180_000);
const ACCOUNT = 80202028;

let world: ScheduleWorld;
let handler: ChangeScheduleHandler;
beforeAll(async () => {
  world = await ScheduleWorld.start();
  handler = new ChangeScheduleHandler(world.unitOfWork);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.empty();
  await world.query('DELETE FROM outbox');
  await world.account(ACCOUNT);
});

describe('a change of a schedule', () => {
  it('stands in the audit log', async () => {
    await handler.change(wholePartner(world.partnerId), ACCOUNT, '*', { mode: 'off' });
    const rows = await world.query<{ topic: string; payload: string }>('SELECT topic, payload FROM outbox');
    expect(rows.map(({ topic }) => topic)).toEqual(['audit.entries.v1']);
    expect(JSON.parse(rows[0]?.payload ?? '')).toMatchObject({
      action: 'account.schedule',
      targetKind: 'account',
      targetId: String(ACCOUNT),
      detail: { mode: 'off', graceMinutes: 360 },
    });
  });

  it('holds for what is waited for already', async () => {
    await world.report();
    await world.follow();
    const scope = wholePartner(world.partnerId);
    await handler.change(scope, ACCOUNT, '*', { mode: 'set', times: { everyHours: 1 }, graceMinutes: 15 });
    await world.up(1.5 * HOUR_MS);
    expect(await world.look()).toEqual(['backup.missed']);
    const known = await handler.find(scope, ACCOUNT);
    await handler.change(scope, ACCOUNT, scheduleEtag(known), { mode: 'off' });
    await world.up(100 * 24 * HOUR_MS);
    expect(await world.look()).toEqual([]);
  });

  it('is of an account that is seen (404)', async () => {
    const other = wholePartner(uuidv7(9) as typeof world.partnerId);
    await expect(handler.find(other, ACCOUNT)).rejects.toMatchObject({ status: 404 });
    await expect(handler.change(other, ACCOUNT, '*', { mode: 'off' })).rejects.toMatchObject({ status: 404 });
  });
});
