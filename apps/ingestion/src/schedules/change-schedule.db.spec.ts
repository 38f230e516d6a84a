import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uuidv7, wholePartner } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import { eventually } from '@backhaul/testing';
import { SavedSearches1764410000000 } from '../migrations/1764410000000-saved-searches.js';
import { HOUR_MS, ScheduleWorld } from '../testing/schedule-world.js';
import { ChangeScheduleHandler, scheduleEtag } from './change-schedule.handler.js';
import { ExpectationRepository } from './expectation.repository.js';
import { FollowLogHandler } from './follow-log.handler.js';
import { ScheduleLog } from './schedule-log.js';
import { ScheduleSettingsRepository } from './settings.repository.js';

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

  it('holds for a job that is being learned of at that moment', async () => {
    await world.report();
    const scope = wholePartner(world.partnerId);
    const changes: Promise<unknown>[] = [];
    let isChanged = false;
    const isWaiting = async (): Promise<boolean> =>
      (await world.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).length > 0; // prettier-ignore
    /** They are changed when those of before have been read. */
    class Overtaken extends ScheduleSettingsRepository {
      override async ofAccountsAcrossTenants(tx: Tx, accountNos: readonly number[]) {
        const before = await super.ofAccountsAcrossTenants(tx, accountNos);
        const settings = { mode: 'set', times: { everyHours: 1 }, graceMinutes: 15 } as const;
        changes.push(handler.change(scope, ACCOUNT, '*', settings).then(() => (isChanged = true)));
        await eventually(async () => isChanged || (await isWaiting()));
        return before;
      }
    }
    const parts = [new ScheduleLog(), new ExpectationRepository(), new Overtaken()] as const;
    const follow = new FollowLogHandler(world.unitOfWork, ...parts);
    await eventually(async () => (await follow.handle(world.clock.now(), 0)).events > 0);
    await Promise.all(changes);
    await world.up(1.5 * HOUR_MS);
    expect(await world.look()).toEqual(['backup.missed']);
  });

  it('is of an account that is seen (404)', async () => {
    const other = wholePartner(uuidv7(9) as typeof world.partnerId);
    await expect(handler.find(other, ACCOUNT)).rejects.toMatchObject({ status: 404 });
    await expect(handler.change(other, ACCOUNT, '*', { mode: 'off' })).rejects.toMatchObject({ status: 404 });
  });
});

describe('what the reports of a job said last', () => {
  it('is what an upgrade finds in the log as well, and a missed run does not change it', async () => {
    await world.account(80203001);
    await world.nights(10, { accountNo: 80203001 });
    await world.report({ accountNo: 80203001, status: 'failed' });
    await world.report({ accountNo: 80203001, job: 'DB-2', phase: 'started', status: 'running' });
    await world.follow();
    const heard = (): Promise<{ heard: unknown }[]> =>
      world.query(
        'SELECT heard FROM expectation WHERE account_no = 80203001 ORDER BY heard IS NULL, heard::text',
      );
    const [failed, begun, account] = await heard();
    expect(failed?.heard).toEqual({
      agent: 'duplicati',
      hostName: 'HOST-80203001',
      jobName: 'Job DB-1',
      machineClass: 'unknown',
      status: 'failed',
      severity: 'ERROR',
      endedMs: world.clock.now().getTime(),
      storedBytes: null,
    });
    expect(begun?.heard).toMatchObject({ jobName: 'Job DB-2', status: null });
    expect(account?.heard).toBeNull();
    const runner = world.database.dataSource.createQueryRunner();
    const migration = new SavedSearches1764410000000();
    await runner.startTransaction();
    await migration.down(runner);
    await migration.up(runner);
    await runner.commitTransaction();
    await runner.release();
    // Of a first run that goes on, the next report tells.
    expect(await heard()).toEqual([failed, { heard: null }, account]);
    await world.up(40 * HOUR_MS);
    expect(await world.look()).toContain('backup.missed');
    expect((await heard())[0]).toEqual(failed);
  });
});
