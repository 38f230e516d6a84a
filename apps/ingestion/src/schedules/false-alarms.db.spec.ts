import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uuidv7 } from '@backhaul/domain';
import { eventually } from '@backhaul/testing';
import { DAY_MS, HOUR_MS, ScheduleWorld } from '../testing/schedule-world.js';
import { ExpectationRepository } from './expectation.repository.js';

jest.setTimeout(180_000);
const MINUTE_MS = 60_000;
const FIRST = 80300000;

let world: ScheduleWorld;
beforeAll(async () => {
  world = await ScheduleWorld.start();
});
afterAll(() => world.close());
beforeEach(() => world.empty());

const nightly = (count: number): Promise<number[]> => world.nightly(count, FIRST);
const count = (types: readonly string[]): number => types.filter((type) => type === 'backup.missed').length;

describe('while ingestion is away', () => {
  it('for three hours, nothing is missed because of it; what does not come the next night is (fault row 48, P8)', async () => {
    await nightly(8);
    await world.up(DAY_MS - HOUR_MS);
    await world.down(3 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    // Grace of the night that nobody saw would end at four.
    await world.up(6 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    await world.up(20 * HOUR_MS);
    expect(count(await world.look())).toBe(0);
    await world.up(5 * HOUR_MS);
    expect(count(await world.look())).toBe(8);
  });

  it('everything that was due meanwhile comes back over ten minutes, not at once', async () => {
    await nightly(8);
    await world.up(DAY_MS);
    await world.down(7 * HOUR_MS);
    let n = 0;
    await world.look(world.handler(() => (n += 0.1)));
    const rows = await world.query<{ due_at: Date }>('SELECT due_at FROM expectation WHERE job_hash <> 0');
    const times = rows.map(({ due_at }) => due_at.getTime());
    expect(new Set(times).size).toBe(8);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(10 * MINUTE_MS);
    expect(Math.min(...times)).toBeGreaterThan(world.clock.now().getTime() + DAY_MS);
  });

  it('a restart of a few seconds is no outage (fault row 47)', async () => {
    await nightly(2);
    await world.up(DAY_MS + 5 * HOUR_MS);
    await world.down(14_000);
    await world.up(2 * HOUR_MS);
    expect(count(await world.look())).toBe(2);
  });

  it('and nobody beats, nothing is told at all', async () => {
    await nightly(2);
    await world.up(DAY_MS + 5 * HOUR_MS);
    world.clock.advance(3 * HOUR_MS);
    expect(await world.look()).toEqual([]);
  });

  it('a time in which reports were sent away is an outage as well', async () => {
    await nightly(2);
    await world.up(DAY_MS + HOUR_MS);
    await world.wayIn.beat(world.clock.now());
    world.wayIn.noteRefusal();
    world.clock.advance(5000);
    expect(await world.wayIn.beat(world.clock.now())).not.toBeNull();
    expect(await world.wayIn.beat(world.clock.now())).toBeNull();
    await world.up(6 * HOUR_MS);
    expect(await world.look()).toEqual([]);
  });
});

describe('a clock', () => {
  it('that jumps twelve hours ahead makes nothing missed (fault row 45)', async () => {
    await nightly(3);
    await world.up(20 * HOUR_MS);
    await world.down(12 * HOUR_MS);
    expect(await world.look()).toEqual([]);
  });

  it('that is put back tells nothing early, and forgets the times that have not come', async () => {
    await nightly(3);
    await world.up(20 * HOUR_MS);
    await world.down(12 * HOUR_MS);
    await world.down(-12 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    const [outage] = await world.query<{ to_at: Date }>('SELECT to_at FROM ingest_outage');
    expect(outage?.to_at.getTime() ?? 0).toBeLessThanOrEqual(world.clock.now().getTime());
    await world.up(4 * HOUR_MS);
    await world.report({ accountNo: FIRST });
    await world.up(7 * HOUR_MS);
    expect(count(await world.look())).toBe(2);
  });
});

describe('several processes that look at once', () => {
  it('tell each thing once (2.12)', async () => {
    await nightly(9);
    await world.up(DAY_MS + 7 * HOUR_MS);
    await world.follow();
    const looks = await Promise.all(Array.from({ length: 6 }, () => world.lookOnly(world.handler())));
    expect(count(looks.flat().flatMap(({ raised }) => raised))).toBe(9);
    const told = await world.told();
    expect(told).toHaveLength(9);
    expect(new Set(told.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(9);
  });

  it('and one that follows the log meanwhile lose nothing of each other', async () => {
    await nightly(1);
    await world.up(DAY_MS + 7 * HOUR_MS);
    await world.report({ accountNo: FIRST });
    const all = new ExpectationRepository();
    let followed: Promise<void> = Promise.resolve();
    await world.unitOfWork.run(async (tx) => {
      const due = await all.claimDueAcrossTenants(tx, [...Array(64).keys()], world.clock.now().getTime(), 10);
      followed = world.follow();
      // It has read the row as it was, and waits to write it.
      await eventually(async () => (await world.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`)).length > 0); // prettier-ignore
      await all.write(tx, due.map((one) => ({ ...one, dueMs: null }))); // prettier-ignore
    });
    await followed;
    const [row] = await world.query<{ last_run_at: Date; ver: number }>('SELECT last_run_at, ver FROM expectation WHERE job_hash <> 0'); // prettier-ignore
    expect(row?.last_run_at).toEqual(world.clock.now());
  });

  it('and one that told it already and lost its word tell it once: the key is of the job and its time', async () => {
    await nightly(1);
    await world.up(DAY_MS + 7 * HOUR_MS);
    await world.look();
    await world.follow();
    await world.query(`UPDATE expectation SET status = 'waiting', due_at = $1 WHERE job_hash <> 0`, [
      world.clock.now(),
    ]);
    await world.up(MINUTE_MS);
    expect(count((await world.lookOnly()).flatMap(({ raised }) => raised))).toBe(1);
    expect(await world.told()).toHaveLength(1);
  });
});

describe('many alarms at once', () => {
  it('of a partner are held for half an hour, those of another are told', async () => {
    const other = uuidv7(2) as typeof world.partnerId;
    await nightly(40);
    await world.account(FIRST + 100, other);
    await world.query('UPDATE expectation SET account_no = $1, partner_id = $2 WHERE account_no = $3', [FIRST + 100, other, FIRST + 39]); // prettier-ignore
    await world.up(DAY_MS + 7 * HOUR_MS);
    expect(count(await world.look())).toBe(1);
    expect((await world.told()).map(({ tenant }) => tenant.partnerId)).toEqual([other]);
    await world.up(29 * MINUTE_MS);
    expect(await world.look()).toEqual([]);
    // Most of them were late only.
    await world.report({ accountNo: FIRST });
    await world.query('DELETE FROM expectation WHERE account_no BETWEEN $1 AND $2', [FIRST + 1, FIRST + 20]);
    await world.up(2 * MINUTE_MS);
    expect(count(await world.look())).toBe(18);
  });

  it('are held on as long as the way in is not sound', async () => {
    await nightly(20);
    await world.up(DAY_MS + 7 * HOUR_MS);
    expect(await world.look()).toEqual([]);
    await world.query('INSERT INTO ingest_outage VALUES ($1, $2)', [
      new Date(world.clock.now().getTime() + MINUTE_MS),
      new Date(world.clock.now().getTime() + 2 * MINUTE_MS),
    ]);
    await world.up(31 * MINUTE_MS);
    expect(await world.look()).toEqual([]);
    await world.up(31 * MINUTE_MS);
    expect(count(await world.look())).toBe(20);
  });

  it('are counted over five minutes, not look by look', async () => {
    await nightly(30);
    await world.query(`UPDATE expectation SET due_at = due_at + (account_no - $1) * interval '20 s', last_run_at = last_run_at + (account_no - $1) * interval '20 s' WHERE job_hash <> 0`, [FIRST]); // prettier-ignore
    await world.up(DAY_MS + 6 * HOUR_MS);
    let told = 0;
    for (let look = 0; look < 15; look += 1) {
      await world.up(20_000);
      told += count(await world.look());
    }
    expect(told).toBe(10);
    const holds = await world.query('SELECT 1 FROM alarm_hold WHERE partner_id = $1', [world.partnerId]);
    expect(holds).toHaveLength(1);
  });
});

describe('what cannot be told', () => {
  it('is put off by an hour, and holds up nobody (2.12 d)', async () => {
    await nightly(3);
    await world.query('UPDATE expectation SET last_event_id = gen_random_uuid() WHERE account_no = $1 AND job_hash <> 0', [FIRST + 1]); // prettier-ignore
    await world.up(DAY_MS + 7 * HOUR_MS);
    await world.follow();
    const looks = await world.lookOnly();
    expect(looks.map(({ raised, poisoned }) => [count(raised), poisoned])).toEqual([[2, 1]]);
    const [row] = await world.query<{ due_at: Date }>('SELECT due_at FROM expectation WHERE account_no = $1', [FIRST + 1]); // prettier-ignore
    expect(row?.due_at.getTime()).toBe(world.clock.now().getTime() + HOUR_MS);
  });

  it('since the database refuses it, is found one by one', async () => {
    await nightly(3);
    await world.query(
      `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN IF NEW.account_no = ${FIRST + 1} THEN RAISE check_violation; END IF; RETURN NEW; END $$`,
    );
    await world.query('CREATE TRIGGER refuse BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION refuse()');
    try {
      await world.up(DAY_MS + 7 * HOUR_MS);
      await world.follow();
      const [look] = await world.lookOnly();
      expect(look).toMatchObject({ poisoned: 1, held: 0 });
      expect(count(look?.raised ?? [])).toBe(2);
    } finally {
      await world.query('DROP TRIGGER refuse ON event');
    }
  });
});
